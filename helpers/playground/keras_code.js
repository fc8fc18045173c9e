// The same setting as a Keras script.

const DATA_CODE = {
  moons: `def draw(n, seed):
    return make_moons(n, noise=NOISE, random_state=seed)`,
  circles: `def draw(n, seed):
    return make_circles(n, noise=NOISE, factor=0.5, random_state=seed)`,
  xor: `def draw(n, seed):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, size=(n, 2))
    y = (x[:, 0] * x[:, 1] < 0).astype(int)
    return x + NOISE * rng.standard_normal((n, 2)), y`,
  spiral: `def draw(n, seed):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    u = rng.uniform(0, 1, size=n)
    radius, angle = 0.2 + 1.5 * u, 2.5 * np.pi * u + np.pi * y
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return x + NOISE * rng.standard_normal((n, 2)), y`,
};

function layersCode({ width, depth, dropout, l2 }) {
  const penalty = l2 ? `, kernel_regularizer=keras.regularizers.L2(${l2})` : "";
  const hidden = [`    keras.layers.Dense(${width}, activation="relu"${penalty}),`];
  if (dropout) hidden.push(`    keras.layers.Dropout(${dropout}),`);
  return Array(depth).fill(hidden).flat().join("\n");
}

function stoppingCode({ patience, min_delta, restore }) {
  if (patience === null) return { callbacks: "[]", code: "" };
  return {
    callbacks: "[stopping]",
    code: `stopping = keras.callbacks.EarlyStopping(
    monitor="val_cross_entropy", mode="min", patience=${patience}, min_delta=${min_delta},
    restore_best_weights=${restore ? "True" : "False"},
)
`,
  };
}

/** A Python script that trains this network on data from the same distribution. */
export function kerasCode(settings) {
  const { dataset, noise, label_noise, n_train, epochs, data_seed, weights_seed } = settings;
  const maker = { moons: "make_moons", circles: "make_circles" }[dataset];
  const stopping = stoppingCode(settings);
  const flips = label_noise
    ? `
# Label noise: some training labels are flipped.
rng = np.random.default_rng(${data_seed})
flipped = rng.choice(${n_train}, size=${Math.round(label_noise * n_train)}, replace=False)
y_train[flipped] = 1 - y_train[flipped]
`
    : "";
  const numpy = maker && !label_noise ? "" : "\nimport numpy as np";
  const scikitLearn = maker ? `\nfrom sklearn.datasets import ${maker}` : "";
  return `# The playground's network and data distribution. The points and the initial weights
# are drawn by other random numbers than in the browser, so the figures differ a little.
import keras${numpy}${scikitLearn}

NOISE = ${noise}


${DATA_CODE[dataset]}


${
  maker
    ? `# ${maker} spaces the points of one draw evenly: validation points get a draw of their own.
`
    : ""
}x_train, y_train = draw(${n_train}, ${data_seed})
x_val, y_val = draw(70, ${data_seed + 1})
y_train, y_val = y_train[:, None], y_val[:, None]  # one column, as the network's output has
${flips}
keras.utils.set_random_seed(${weights_seed})
model = keras.Sequential([
    keras.Input((2,)),
${layersCode(settings)}
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(
    optimizer=keras.optimizers.Adam(0.001),
    loss="binary_crossentropy",
    metrics=["accuracy", keras.metrics.BinaryCrossentropy(name="cross_entropy")],
)
${stopping.code}history = model.fit(
    x_train, y_train, validation_data=(x_val, y_val),
    epochs=${epochs}, batch_size=${n_train}, callbacks=${stopping.callbacks}, verbose=0,
)
for name, part in (("train", (x_train, y_train)), ("validation", (x_val, y_val))):
    scores = model.evaluate(*part, verbose=0, return_dict=True)
    print(f"{name}: cross-entropy {scores['cross_entropy']:.3f}, accuracy {scores['accuracy']:.3f}")
`;
}
