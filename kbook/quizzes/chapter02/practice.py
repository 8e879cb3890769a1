"""Questions on sections 6 to 10 of chapter 2: differences, arrays, speed, modes, bugs."""

from kbook.quizzes.question import Choice, Question

QUESTIONS = (
    Question(
        id="02-q6",
        section="6 How far to trust a difference quotient",
        prompt=(
            "The slope of f(x) = x · x · x at x = 4 is 48. What does the central difference "
            "(f(x + h) − f(x − h)) / 2h with h = 1e-15 give in float64?"
        ),
        choices=(
            Choice(
                "48 to all digits, since its error falls with h²",
                "The truncation error does. But x + h and x − h are rounded to 4 ± 0.888e-15, "
                "which lie 1.78e-15 apart, and the quotient divides by 2h = 2e-15.",
            ),
            Choice(
                "0, since x + h and x − h are both rounded to x",
                "The neighbors of 4 in float64 are 4.4e-16 below and 8.9e-16 above, so both "
                "points differ from x. With h = 1e-16 the answer would be 0.",
            ),
            Choice(
                "42.6",
                "Right: 4 ± 1e-15 is rounded to 4 ± 0.888e-15, but you divide by 2e-15, so it is "
                "48 · 0.888, 11 % off. Good steps are ε^(1/3) = 6e-6 here and √ε = 1.5e-8 for a "
                "one-sided quotient (ε = 2.2e-16, and times the size of x).",
            ),
            Choice(
                "`inf`, since 2h is practically 0",
                "2e-15 is far above the smallest positive float64 numbers, and dividing by it is "
                "harmless. It is the rounding above it that costs the digits.",
            ),
        ),
        answer=2,
    ),
    Question(
        id="02-q7",
        section="7 From numbers to arrays",
        prompt=(
            "X is (8, 5), W is (5, 3), b is (3,), and Z = XW + b. The backward pass brings "
            "G = ∂L/∂Z, in which every entry is 0.5. What is the gradient of b?"
        ),
        choices=(
            Choice(
                "Shape (3,), every entry 4.0",
                "Right: each entry of b was used in 8 rows, and at a fork gradients add: "
                "8 · 0.5. The same sum over the samples is inside dW = Xᵀ G.",
            ),
            Choice(
                "Shape (8, 3), every entry 0.5",
                "This is G, which would be right if each of the 8 rows had a bias of its own. They "
                "share one, so its gradient has its shape, (3,), and the rows add up.",
            ),
            Choice(
                "Shape (3,), every entry 0.5",
                "This is the mean over the 8 rows. Broadcasting forward is summing backward; if "
                "the loss is a mean over samples, its 1/8 is in G already.",
            ),
            Choice(
                "Shape (8,), every entry 1.5",
                "This sums over the wrong axis. Broadcasting repeated b along axis 0, the rows, "
                "so it is `G.sum(axis=0)`, with one entry for each of the 3 columns.",
            ),
        ),
        answer=0,
    ),
    Question(
        id="02-q8",
        section="8 Train it: moons, then digits",
        prompt=(
            "One engine makes a node for every number, another a node for every array. On the "
            "same net and the same data they do the same multiplications on one CPU, yet the "
            "first is far slower. Why?"
        ),
        choices=(
            Choice(
                "It needs more steps to train, since Python's floats are less exact",
                "A Python float is the same 64-bit number as in NumPy. Both engines find the same "
                "gradients, up to the last digits, and need the same steps.",
            ),
            Choice(
                "Its backward pass visits the whole graph again for each weight",
                "One pass from the loss back serves all weights, in either engine. The first just "
                "has a much larger graph to go through.",
            ),
            Choice(
                "It computes derivatives symbolically, the other one numerically",
                "Neither does. Both apply the chain rule to numbers, with local derivatives that "
                "were written down once for each operation.",
            ),
            Choice(
                "Each single node has an overhead in Python",
                "Right: a node costs Python far more than the multiplication in it. For 100 "
                "samples, a 2-16-16-1 net makes 30,400 product nodes, or 3 matrix products.",
            ),
        ),
        answer=3,
    ),
    Question(
        id="02-q9",
        section="9 Forward or reverse?",
        prompt=(
            "f has 1,000,000 inputs and 1 output; g has 1 input and 1,000 outputs. Which mode "
            "finds all slopes of f, and which all slopes of g, in a single pass?"
        ),
        choices=(
            Choice(
                "Reverse mode, for both of them",
                "Reverse mode needs one pass per output, so g would take it 1,000 passes. Forward "
                "mode takes g's only input through the program once.",
            ),
            Choice(
                "Forward mode for f, reverse mode for g",
                "Exactly swapped: forward mode needs one pass per input, 1,000,000 for f, and "
                "reverse mode one per output, 1,000 for g.",
            ),
            Choice(
                "Reverse mode for f, forward mode for g",
                "Right: forward mode needs one pass per input, reverse mode one per output. "
                "A loss is like f: many weights go in, one number comes out.",
            ),
            Choice(
                "None for f: a million slopes take a million passes",
                "That is the price of nudging each input, and of forward mode. Reverse mode starts "
                "at the one output and brings a gradient to every input on its way.",
            ),
        ),
        answer=2,
    ),
    Question(
        id="02-q10",
        section="10 Break it",
        prompt=(
            "For a net with h = relu(xW₁) and z = hW₂ an article writes "
            "∂L/∂W₂ = ∂L/∂z · ∂z/∂W₁ · ∂W₁/∂W₂. What does this formula give if you take it at "
            "its word?"
        ),
        choices=(
            Choice(
                "The right gradient: it is the chain rule",
                "The chain rule follows paths of the graph, and none leads from W₂ through W₁: "
                "W₁ is a leaf and not computed from anything. W₂ acts on z directly.",
            ),
            Choice(
                "Zero, so W₂ would never learn",
                "Right: W₁ does not depend on W₂, so the last factor is 0. W₂ enters in z = hW₂, "
                "which gives ∂L/∂W₂ = hᵀ · ∂L/∂z.",
            ),
            Choice(
                "The gradient of W₁, since only the names were mixed up",
                "The first two factors alone would be that gradient, as W₁ acts on L through z. "
                "But the third one, ∂W₁/∂W₂, multiplies it by 0.",
            ),
            Choice(
                "The right gradient, once a factor is transposed",
                "No transpose repairs a factor of 0. The right gradient, hᵀ · ∂L/∂z, has the shape "
                "of W₂ and contains no derivative of W₁ or with respect to it.",
            ),
        ),
        answer=1,
    ),
)

PREDICTION = Question(
    id="02-predict",
    section="9 Forward or reverse?",
    prompt=(
        "A net with layers of 2, 16, 16 and 1 units has 337 weights and biases, and one loss. To "
        "find by how much the loss answers to each of them, you could nudge them in turn: 337 more "
        "forward passes. The machine that you are about to build finds all 337 slopes in one "
        "backward pass. How many multiplications does that pass take, compared with one forward "
        "pass?"
    ),
    choices=(
        Choice(
            "Fewer than the forward pass",
            "The slopes of the 304 weights take a multiplication each per sample, as many as the "
            "whole forward pass. And the gradient has to get through the layers, too.",
        ),
        Choice(
            "1 to 3 times as many",
            "Right: the forward pass takes 304 per sample. Backward it is 304 for the slopes of "
            "the weights and 272 to get through two of the layers, in all 576: 1.9 times as many.",
        ),
        Choice(
            "About 16 times as many",
            "True, a weight of the first layer reaches the loss along 16 paths, one per unit of "
            "the next layer. But each unit adds up what arrives and passes it on once.",
        ),
        Choice(
            "About 337 times as many",
            "That is the price of nudging. A backward pass finds the gradient at each unit once, "
            "and every weight that feeds the unit makes use of it.",
        ),
    ),
    answer=1,
)
