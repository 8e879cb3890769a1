"""Questions on sections 1 to 5 of chapter 2: slopes, the chain rule, and an engine for it."""

from kbook.quizzes.question import Choice, Question

QUESTIONS = (
    Question(
        id="02-q1",
        section="1 A slope is an exchange rate",
        prompt=(
            "A loss depends on a distance x, and at your point the slope ∂L/∂x is 0.6 per meter. "
            "You now measure the same distance in centimeters. What is the slope?"
        ),
        choices=(
            Choice(
                "60 per centimeter",
                "This multiplies by 100 instead of dividing. A centimeter is a hundredth of "
                "a meter, so it moves the loss by a hundredth of 0.6.",
            ),
            Choice(
                "0.006 per centimeter",
                "Right: a slope is an exchange rate, output per unit of input, and 0.01 meters "
                "buy 0.01 · 0.6. The scale of an input sets the size of its gradient.",
            ),
            Choice(
                "Still 0.6: the function has not changed",
                "The loss at each place has not, but a step of 1 now means 1 cm. At this rate "
                "a meter still buys 0.6: 100 steps of 0.006 each.",
            ),
            Choice(
                "That depends on the formula of L",
                "The formula is not needed. The number of meters is 0.01 times the number of "
                "centimeters, so the chain rule multiplies the slope by 0.01.",
            ),
        ),
        answer=1,
    ),
    Question(
        id="02-q2",
        section="2 The chain rule multiplies slopes",
        prompt=(
            "Three gears mesh in a row. One turn of A makes B turn −2 times (minus: the other way "
            "round), and one turn of B makes C turn −0.75 times. How many times does C turn for "
            "one turn of A?"
        ),
        choices=(
            Choice(
                "−2.75 times",
                "This is the sum. When A turns once, B turns −2 times, and each of those turns "
                "moves C by −0.75: the rates multiply.",
            ),
            Choice(
                "−0.75 times",
                "This is the last rate alone, turns of C per turn of B. For one turn of A, gear B "
                "does not turn once but −2 times.",
            ),
            Choice(
                "−1.5 times",
                "The size is right, the sign is not: each pair of gears reverses the direction, "
                "and two reversals cancel. In a product of slopes every sign counts.",
            ),
            Choice(
                "1.5 times",
                "Right: (−0.75) · (−2) = 1.5. Slopes along a chain multiply, signs included.",
            ),
        ),
        answer=3,
    ),
    Question(
        id="02-q3",
        section="3 A program is a graph",
        prompt=(
            "A node p = a · b has the parents a = 4 and b = −3. In the backward pass it receives "
            "∂L/∂p = 2. What does it pass on to a?"
        ),
        choices=(
            Choice(
                "−6",
                "Right: its local derivative with respect to a is b, so a gets 2 · (−3) = −6, and "
                "b gets 2 · 4 = 8. A product has to remember both factors.",
            ),
            Choice(
                "8",
                "This is 2 · a, which is what b gets. The derivative of a · b with respect to "
                "a is the other factor, b.",
            ),
            Choice(
                "−24",
                "This is 2 · p, with the result p = −12 as the local derivative. That is the rule "
                "of exp; for a product it is the other factor, b = −3.",
            ),
            Choice(
                "2",
                "This is what a sum would pass on, since its local derivatives are 1. "
                "A product multiplies the gradient by the other factor, b = −3.",
            ),
        ),
        answer=0,
    ),
    Question(
        id="02-q4",
        section="4 Backward, in the right order",
        prompt=(
            "Let b = 2a and L = b² + b, at a = 3. Another hasty engine does not wait for all "
            "reports: whenever one reaches b, it adds it to b's gradient and at once passes b's "
            "gradient on to a. The square reports first, then the sum. What gradient does a end "
            "up with?"
        ),
        choices=(
            Choice(
                "26: the order of the terms of a sum does not matter",
                "26 is the true slope, 2 · (2b + 1) with b = 6. But b passes on its total each "
                "time, first 12, then 13, so the 12 of the square is counted twice.",
            ),
            Choice(
                "24",
                "This is 2 · 12: b passes on once, after the square, and the 1 of the sum never "
                "arrives. Here b passes on a second time, with its new total of 13.",
            ),
            Choice(
                "50",
                "Right: b passes on 12, then 13, so a gets 2 · 12 + 2 · 13 = 50. Had b waited for "
                "both reports, a would have got 2 · 13 = 26, the true slope.",
            ),
            Choice(
                "2",
                "This is what comes out if every report replaces the last one: b keeps only the "
                "1 of the sum. At a fork gradients add up, and this engine does add them.",
            ),
        ),
        answer=2,
    ),
    Question(
        id="02-q5",
        section="5 An engine of our own",
        prompt=(
            "With p = a · b and L = p², at a = 2 and b = 5, the slope ∂L/∂a is 100. You call "
            "`L.backward()` twice and reset nothing in between. What is `a.grad` in the library's "
            "engine, as in PyTorch with `retain_graph=True`?"
        ),
        choices=(
            Choice(
                "100",
                "That would need `backward()` to overwrite `a.grad`. It adds instead, so that "
                "the gradients of several losses or batches can be collected.",
            ),
            Choice(
                "200",
                "Right: each call adds ∂L/∂a = 100 to what is there. So reset the gradients "
                "before each backward pass, or you step along the sum of all gradients so far.",
            ),
            Choice(
                "300",
                "This is micrograd's answer, and that of our first engine: p still holds 20 from "
                "the first call, so the second sends 5 · (20 + 20) = 200 to a. No pass should send "
                "on what an earlier one left.",
            ),
            Choice(
                "10,000",
                "This is 100 · 100. Slopes multiply along one path from L to a; the results of "
                "two passes are added.",
            ),
        ),
        answer=1,
    ),
)
