// The net of Playground as a PyTorch program with the same points, start weights, optimizer and number of steps.

const LAYERS = { relu: "nn.ReLU()", tanh: "nn.Tanh()", sigmoid: "nn.Sigmoid()" };
const TORCH = { sgd: "SGD", momentum: "SGD", adam: "Adam", adamw: "AdamW" };

// Python reads JavaScript's numbers, but 1 would be an integer.
function floatText(v) {
  return Number.isInteger(v) ? `${v}.0` : String(v);
}

// Close together: they are there to be read by a machine.
function pointLines(points) {
  const rows = points.map(([x, y, label]) => `[${floatText(x)},${floatText(y)},${label}],`);
  const lines = [];
  for (const row of rows) {
    if (lines.length && lines.at(-1).length + row.length < 110) lines.push(`${lines.pop()} ${row}`);
    else lines.push(`    ${row}`);
  }
  return lines.length ? `\n${lines.join("\n")}\n` : "";
}

function layerLines({ width, depth, activation }) {
  const layers = [];
  for (let k = 0; k < depth; k++) layers.push(`    nn.Linear(${k ? width : 2}, ${width}), ${LAYERS[activation]},`);
  return [...layers, `    nn.Linear(${depth ? width : 2}, 1),`].join("\n");
}

function optimizerCall({ optimizer, rate, penalty, strength }) {
  const momentum = optimizer === "momentum" ? ", momentum=0.9" : "";
  const decay = penalty === "L2" ? floatText(strength) : "0.0"; // written out: AdamW's default is not 0
  return `torch.optim.${TORCH[optimizer]}(net.parameters(), lr=${floatText(rate)}${momentum}, weight_decay=${decay})`;
}

export function pythonProgram(settings, steps, { train, test }) {
  const { seed, penalty, strength } = settings;
  const l1 = `    loss = loss + ${floatText(strength)} * sum(w.abs().sum() for w in net.parameters())\n`;
  return `import torch
from torch import nn

torch.set_default_dtype(torch.float64)

# x, y and the class, 0 or 1, of every point
train = torch.tensor([${pointLines(train)}])
${test.length ? `test = torch.tensor([${pointLines(test)}])\n` : ""}
# A generator of random numbers that any language can repeat
state = 2654435761 * (${seed} + 1) % 2**32


def uniform(limit):
    global state
    state = (1664525 * state + 1013904223) % 2**32
    return limit * (2 * state / 2**32 - 1)


net = nn.Sequential(
${layerLines(settings)}
)
with torch.no_grad():
    for layer in net[::2]:  # the linear ones
        limit = (6 / layer.in_features) ** 0.5  # variance 2 / n: He's rule
        for row in layer.weight:
            row.copy_(torch.tensor([uniform(limit) for _ in row]))
        layer.bias.zero_()

optimizer = ${optimizerCall(settings)}


def mean_loss(points):
    logits = net(points[:, :2]).squeeze(1)
    return nn.functional.binary_cross_entropy_with_logits(logits, points[:, 2])


for step in range(${steps}):
    optimizer.zero_grad()
    loss = mean_loss(train)
${penalty === "L1" ? l1 : ""}    loss.backward()
    optimizer.step()

print(f"training loss {mean_loss(train).item():.6f}")
${test.length ? `print(f"test loss {mean_loss(test).item():.6f}")\n` : ""}`;
}

export function codeNote(isStraight) {
  const end = isStraight ? "This program ends at the net shown and prints its losses."
    : "The settings changed while the net trained, or training went on from a link: this program trains from the start "
      + "with the present settings, so it ends at another net.";
  return `${end} L2 is torch’s weight_decay: part of the gradient, but with AdamW taken off the weights directly. `
    + "Both penalties act on weights and biases alike; the losses shown leave them out. "
    + "A link carries the weights, not the optimizer’s memory: whoever trains on from it starts with an empty one.";
}
