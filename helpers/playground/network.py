"""The playground's network as a Keras model."""

import keras


def build(width=500, depth=1, dropout=0.0, l2=0.0):
    """Return the network of these settings, compiled as the chapters' panels are."""
    model = keras.Sequential([keras.Input((2,))])
    for _ in range(depth):
        penalty = keras.regularizers.L2(l2)
        model.add(keras.layers.Dense(width, activation="relu", kernel_regularizer=penalty))
        model.add(keras.layers.Dropout(dropout))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    metrics = ["accuracy", keras.metrics.BinaryCrossentropy(name="cross_entropy")]
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=metrics)
    return model
