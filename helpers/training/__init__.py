"""fit(): what `model.fit` does, with all epochs inside one compiled graph.

Keras drives its training from Python: a call for each batch, a call for the validation.
On a network as small as this book's the calls cost a thousand times more than the
arithmetic. Here Keras' own `train_step` and `test_step` stand inside a `tf.while_loop`,
so that one call of TensorFlow runs many epochs.

The graph of a Sequential of Keras' common layers belongs to a *twin*: a copy whose
penalties, dropout rates and learning rate are variables. The model's state is copied into
the twin, trained there and copied back. So the next model of the same architecture, on data
of the same shapes, compiles nothing, whatever its penalties and rates are.

A twin is made from configurations, and they do not tell all: a loss may leave an option out,
a constraint may be set late, a method replaced. So a model trains in a twin only if every
object of it (layers, loss, metrics, optimizer, constraints) has the same attributes as the
twin's, and all of them are Keras' own. Any other model is trained itself, in a graph of its
own, without XLA unless it asks for that.

loop        the call, and the chunks of epochs    twin       the copy, and the kept ones
graph       epochs inside a compiled graph        signature  which models are copied
stopping    EarlyStopping                         equality   the proof that a copy is equal
checks      arguments, before anything is built   undo       a refused call changes nothing
evaluation  predict, logits, evaluate             libraries  Keras and TensorFlow
"""

from helpers.training.evaluation import evaluate, logits, predict
from helpers.training.loop import fit

__all__ = ["evaluate", "fit", "logits", "predict"]
