"""fit(): what `model.fit` does, with all epochs inside one compiled graph.

Keras drives its training from Python: a call for each batch, a call for the validation.
On a network as small as this book's the calls cost a thousand times more than the
arithmetic. Here Keras' own `train_step` and `test_step` stand inside a `tf.while_loop`,
so that one call of TensorFlow runs many epochs.

The graph of a Sequential of Keras' common layers belongs to a *twin*: a copy whose
penalties, dropout rates and learning rate are variables. The model's state is copied into
the twin, trained there and copied back. So the next model of the same architecture, on data
of the same shapes, compiles nothing, whatever its penalties and rates are. Any other model
is trained in a graph of its own, without XLA.
"""

from helpers.training.evaluation import evaluate, predict
from helpers.training.loop import fit

__all__ = ["evaluate", "fit", "predict"]
