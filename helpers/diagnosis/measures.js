// What is measured on a training history; measures.py does the same in Python, and says why. Sums
// run from the first value to the last in both, so the numbers agree but for logarithms.

export const MOST_POINTS = 1000; // of a thinned curve
const TO_SD = 1.4826; // a normal variable's standard deviation, by its median absolute deviation
const SMOOTHED = 0.05; // of the points, as the running mean of the truth
export const END = 0.1; // of the points: what is called the end of a run

/** The nearest whole number, halves upward, and what is a half but for rounding errors. */
export function whole(number) {
  return Math.floor(number + (0.5 + 1e-9));
}

/** The mean of values: of equal ones, exactly theirs. */
export function mean(values) {
  const first = values[0];
  let total = 0;
  for (let i = 1; i < values.length; i++) total += values[i] - first;
  return first + total / values.length;
}

/** Numbers, given how many and which one stands where. */
export function numbers(length, valueAt) {
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) values[i] = valueAt(i);
  return values;
}

/** The mean of the two middle values, or the one in the middle; NaN for none. */
export function median(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  if (sorted.length % 2) return sorted[middle];
  return (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value below which a share of the values lies, in a straight line between neighbors. */
export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  const place = share * (sorted.length - 1);
  const low = sorted[Math.floor(place)];
  const high = sorted[Math.ceil(place)];
  return low + (high - low) * (place - Math.floor(place));
}

/** Both as means over blocks of equal length, at most `most`; a short curve as it is. */
export function thin(x, y, most = MOST_POINTS) {
  const size = Math.ceil(y.length / most);
  return size <= 1 ? [x, y] : [blockMeans(x, size), blockMeans(y, size)];
}

function blockMeans(values, size) {
  return numbers(Math.ceil(values.length / size), (block) =>
    mean(values.subarray(block * size, (block + 1) * size)),
  );
}

/** The odd number next to `share` of `n`, at least 1. */
export function widthOf(n, share = SMOOTHED) {
  return share * n > 1 ? 2 * whole((share * n - 1) / 2) + 1 : 1;
}

/** A running mean of a running median, each over `width` points; the ends are mirrored. */
export function smooth(y, width) {
  if (width <= 1) return Float64Array.from(y);
  const medians = runningMedian(y, width);
  const around = extended(medians, width);
  return medians.map((value, i) => {
    let total = 0;
    for (let place = i; place < i + width; place++) total += around[place] - value;
    return value + total / width;
  });
}

/** Keeps the values of the window in order while it moves. */
function runningMedian(y, width) {
  const around = extended(y, width);
  const ordered = around.slice(0, width).sort();
  const middle = width >> 1;
  return numbers(y.length, (i) => {
    if (i > 0) replace(ordered, around[i - 1], around[i + width - 1]);
    return ordered[middle];
  });
}

/** Puts `next` into ordered values in place of `old`. */
function replace(ordered, old, next) {
  let at = ordered.indexOf(old);
  for (; at > 0 && ordered[at - 1] > next; at--) ordered[at] = ordered[at - 1];
  for (; at < ordered.length - 1 && ordered[at + 1] < next; at++) ordered[at] = ordered[at + 1];
  ordered[at] = next;
}

/** The values with half a window more at each end, mirrored. */
function extended(y, width) {
  const half = width >> 1;
  const end = y.length - 1;
  return numbers(y.length + 2 * half, (i) => y[end - Math.abs(end - Math.abs(i - half))]);
}

/** The standard deviation from one point to the next, without the trend; 0 for under 4 points. */
export function noise(y) {
  if (y.length < 4) return 0;
  const second = numbers(y.length - 2, (i) => Math.abs(y[i + 2] - y[i + 1] - (y[i + 1] - y[i])));
  return (TO_SD * median(second)) / Math.sqrt(6);
}

/** By how much `y` falls over its last tenth, as a share of where it ends; a rise is negative. */
export function fall(y, share = 0.2) {
  const last = y.slice(-Math.max(4, whole(share * y.length)));
  if (last.length < 2) return 0;
  const slope = medianSlope(last);
  const end = median(last) + (slope * (last.length - 1)) / 2;
  return end > 0 ? (-slope * END * y.length) / end : 0;
}

function medianSlope(y) {
  const slopes = new Float64Array((y.length * (y.length - 1)) / 2);
  let count = 0;
  for (let i = 0; i < y.length; i++) {
    for (let j = i + 1; j < y.length; j++) slopes[count++] = (y[j] - y[i]) / (j - i);
  }
  return median(slopes);
}

/** The log climb and the last fall, each from single points of a running mean. */
function byRule(y) {
  const width = Math.max(1, whole(SMOOTHED * y.length));
  const before = width >> 1;
  const end = y.length - 1;
  const curve = numbers(y.length, (i) => {
    let total = 0;
    for (let place = i - before; place < i - before + width; place++) {
      total += y[Math.min(Math.max(place, 0), end)] - y[i];
    }
    return y[i] + total / width;
  });
  const earlier = curve[Math.max(0, end - Math.max(1, whole(END * y.length)))];
  const last = curve[end];
  return { climb: Math.log(last / curve[lowestAt(curve)]), fall: 1 - last / earlier };
}

/** Where `y` is lowest and where it ends, on a smooth curve, with their noise. */
export function turn(x, y) {
  const width = widthOf(y.length);
  const curve = smooth(y, width);
  const last = Math.max(1, whole(END * y.length));
  const at = lowestAt(curve);
  const low = curve[at];
  const end = mean(curve.subarray(-last));
  const risen = mean(curve.subarray(Math.max(at, y.length - last))); // what falls has not risen
  const sigma = noise(y);
  const single = byRule(y);
  const isClose = (value) => value <= low + (2 * sigma) / Math.sqrt(width);
  return {
    best_epoch: x[at],
    best_low: x[curve.findIndex(isClose)],
    best_high: x[curve.findLastIndex(isClose)],
    first: y[0],
    middle: curve[curve.length >> 1],
    low,
    end,
    risen,
    last: y.at(-1),
    expected: curve.at(-1),
    climb: Math.log(risen / low),
    last_climb: single.climb,
    last_fall: single.fall,
    since: 1 - at / y.length,
    jumps: y[lowestAt(y)] > 0 ? noise(y.map(Math.log)) : Infinity,
    noise: sigma / low,
    climb_noise: (sigma / low) * Math.sqrt(1 / width + 1 / Math.max(width, last)),
    fall: fall(y),
    fall_noise: ((sigma / low) * Math.sqrt(12 / Math.max(4, whole(0.2 * y.length)))) / 2,
  };
}

function lowestAt(y) {
  let at = 0;
  for (let i = 1; i < y.length; i++) if (y[i] < y[at]) at = i;
  return at;
}

/** The fewest rows of which all scores are whole shares, null if that says nothing. */
export function rows(scores, most = 20_000) {
  const values = spread(distinct(scores.filter((value) => value > 0 && value < 1)), 40);
  if (values.length < 2) return null;
  const halfDigit = halfDigitOf(values);
  const fits = (count) =>
    values.every(
      (value) => Math.abs(value * count - rounded(value * count)) <= halfDigit * count + 1e-9,
    );
  const until = Math.min(most, Math.trunc(0.25 / halfDigit));
  for (let count = 2; count <= until; count++) {
    if (!fits(count)) continue;
    for (let other = count + 1; other < Math.min(2 * count, until + 1); other++) {
      if (fits(other)) return null; // 198 and 200: too few digits to tell
    }
    const byChance = count * (2 * halfDigit * count + 1e-9) ** values.length;
    return byChance < 0.01 ? count : null;
  }
  return null;
}

/** The different values, from the lowest up. */
function distinct(values) {
  const sorted = values.sort();
  let count = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[count - 1]) sorted[count++] = sorted[i];
  }
  return sorted.subarray(0, count);
}

/** At most `most` of the values, in equal steps from the first to the last. */
function spread(values, most) {
  if (values.length <= most) return values;
  const step = (values.length - 1) / (most - 1);
  return numbers(most, (i) => (i < most - 1 ? values[Math.trunc(i * step)] : values.at(-1)));
}

/** Half a unit of the last digit that all values show: of at most seven. */
function halfDigitOf(values) {
  const shows = (digits) =>
    values.every((value) => {
      const scale = 10 ** digits;
      return Math.abs(value - rounded(value * scale) / scale) < 1e-9;
    });
  return 0.5001 * Number(`1e-${[1, 2, 3, 4, 5, 6].find(shows) ?? 7}`);
}

/** The nearest whole number, halves to the even one, as NumPy has it. */
function rounded(value) {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest === 0.5) return floor + (floor % 2);
  return rest < 0.5 ? floor : floor + 1;
}
