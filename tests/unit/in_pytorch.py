"""Run the code of the page about PyTorch: python in_pytorch.py GIVEN.npz FOUND.npz.

A process of its own, since PyTorch's compiler (Triton) and TensorFlow crash in one. GIVEN has the
moons, the number of epochs, and the initial weights of a Keras model as w0 to w3, kernels as Keras
has them. FOUND gets what the test compares.
"""

from pathlib import Path
import re
import sys

import numpy as np
import torch

PAGE = Path(__file__).parents[2] / "chapters" / "pytorch.md"


def main(given, found):
    """Train and measure all that the page defines."""
    page, text = {}, PAGE.read_text(encoding="utf-8")
    for code in re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S):
        exec(code, page)
    data = dict(np.load(given))
    tensors = {name: torch.from_numpy(values) for name, values in data.items()}
    training, validation = ([tensors[f"{n}_{part}"] for n in "xy"] for part in ("train", "val"))
    epochs = int(data["epochs"])
    torch.manual_seed(0)

    def network(**options):
        model = page["build"](**options)
        with torch.no_grad():
            for i, parameter in enumerate(model.parameters()):
                parameter.copy_(tensors[f"w{i}"].T)
        return model

    def trained(optimizer_of, **options):
        model = network()
        losses = page["train"](model, optimizer_of(model), training, validation, **options)
        return losses, torch.sigmoid(model(tensors["x_test"])).detach()

    def adam(rate):
        return lambda model: torch.optim.Adam(model.parameters(), rate, eps=1e-7)

    hidden, _, dropout, last = page["build"](dropout=0.25)
    ones = torch.ones(200_000)
    results = {"first_hidden": hidden.weight, "first_last": last.weight, "first_bias": hidden.bias}
    results["dropped"] = dropout.train()(ones)
    results["kept"] = dropout.eval()(ones)
    results["plain"], _ = trained(adam(0.001), epochs=epochs)
    results["l2"], _ = trained(lambda model: page["adam_with_l2"](model, 0.01), epochs=epochs)
    results["adamw"], _ = trained(lambda model: page["adamw"](model, 1.0), epochs=epochs)
    results["stopped"], results["restored"] = trained(adam(0.01), epochs=epochs, patience=20)
    results["still"], _ = trained(
        lambda model: torch.optim.SGD(model.parameters(), 0.0), epochs=3, jitter=1.0
    )
    results["temperature"] = page["temperature"](tensors["logits"], validation[1])
    _, results["complete"] = page["complete"](training, validation, epochs=60)
    np.savez(found, **{name: _array(value) for name, value in results.items()})


def _array(value):
    return value.detach().numpy() if isinstance(value, torch.Tensor) else np.array(value)


if __name__ == "__main__":
    main(*sys.argv[1:])
