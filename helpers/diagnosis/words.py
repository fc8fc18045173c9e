"""The words of a diagnosis: numbers as a reader wants them, sentences from rules.json."""

from math import exp, expm1, floor, isfinite, log10

PLURAL = {"loss": "losses", "error": "errors"}


def rounded(value, digits):
    """Return `value` with this many decimals, halves upward, as JavaScript can do it, too."""
    scale = 10**digits
    return f"{floor(abs(value) * scale + 0.5) / scale * (-1 if value < 0 else 1):.{digits}f}"


def number(value):
    """Return `value` with three digits that count: 0.00123, 0.457, 12.3, 1,234."""
    if value == 0 or not isfinite(value):
        return "0" if value == 0 else str(value)
    size = floor(log10(abs(value)))
    if size < -5 or size > 8:
        mantissa = rounded(value / 10.0**size, 1)
        return f"{mantissa}e{size}"
    if size >= 3:
        return f"{floor(value + 0.5):,}"
    return rounded(value, 2 - size)


def percent(share):
    """Return a share as a percentage: 0.3%, 4.1%, 37%."""
    size = abs(share) * 100
    return f"{rounded(share * 100, 1 if size < 9.95 else 0)}%"


def epoch(value):
    """Return an epoch as logged: whole where it is whole."""
    return f"{int(value):,}" if value == int(value) else rounded(value, 2)


def times(log_ratio):
    """Return exp(log_ratio) as a factor: 1.4, 12, "more than 1,000"."""
    ratio = exp(min(log_ratio, 30.0))
    if ratio > 1000:
        return "more than 1,000"
    return rounded(ratio, 1 if ratio < 9.95 else 0)


def counted(value, noun):
    """Return "1 row" or "7 rows"."""
    return f"{value:,} {noun}" if value != 1 else f"1 {noun[:-1]}"


def words(found):
    """Return every number of `found` that a sentence may use, in words, by its name there."""
    said = {"short": found["kind"], "loss": f"validation {found['kind']}"}
    if "val_climb" in found:
        said |= {
            "best": epoch(found["val_best_epoch"]),
            "best_low": epoch(found["val_best_low"]),
            "best_high": epoch(found["val_best_high"]),
            "low": number(found["val_low"]),
            "end": number(found["val_end"]),
            "climb": percent(expm1(found["val_climb"])),
            "climb_noise": percent(found["val_climb_noise"]),
            "climb_error": percent(found["climb_rows"]),
            "fall": percent(abs(found["val_fall"])),
            "fall_error": percent(found["fall_error"]),
            "val_noise": percent(found["val_noise"]),
            "val_first": number(found["val_first"]),
            "n_val": f"{found['n_rows']:,}",
        }
    return said
