"""Questions on sections 1 to 5 of chapter 4: the window, its gradient, sizes, and sharing."""

from kbook.quizzes.question import Choice, Question

QUESTIONS = (
    Question(
        id="04-q1",
        section="1 A window that slides",
        prompt=(
            "The nine weights of a 3×3 kernel add up to 0. You slide it over a picture, without "
            "padding, and once more after making every pixel brighter by 0.3. How does the second "
            "map differ from the first?"
        ),
        choices=(
            Choice(
                "It is 0 everywhere",
                "That is the map of a flat picture, of any brightness. Here the differences "
                "between the pixels are still there, and the kernel still sees them.",
            ),
            Choice(
                "Not at all",
                "Right: 0.3 more in each pixel adds 0.3 times the sum of the weights, which is 0. "
                "Such a kernel sees differences, not brightness: on a flat area its output is 0.",
            ),
            Choice(
                "It is higher by 2.7 everywhere",
                "This is 9 · 0.3, for nine weights of 1. In general the map rises by 0.3 times "
                "the sum of the weights, and here this sum is 0.",
            ),
            Choice(
                "It is higher by 0.3 everywhere",
                "That is what a blur does: its weights add up to 1, so brightness passes through. "
                "With a sum of 0 none of it passes.",
            ),
        ),
        answer=1,
    ),
    Question(
        id="04-q2",
        section="2 One matrix product",
        prompt=(
            "A layer with windows of 3×3, and biases, takes 16 channels to 32. You made it for "
            "pictures of 28×28 pixels, and now give it pictures of 56×56. What do you get?"
        ),
        choices=(
            Choice(
                "An error: the sizes do not fit",
                "A dense layer would complain, as it has a weight for every pixel. This one has "
                "weights for a window of 3×3 in 16 channels, and slides it wherever there is room.",
            ),
            Choice(
                "Larger maps, from four times as many parameters",
                "It is the number of patches that grows about fourfold, and with it the work. "
                "Each patch meets the same 32 × 144 weights.",
            ),
            Choice(
                "Larger maps, from the same 4,640 parameters",
                "Right: 32 · (3 · 3 · 16 + 1) = 4,640. A larger picture has more patches, so more "
                "columns in the matrix product; the matrix of weights is 32 × 144 as before.",
            ),
            Choice(
                "Larger maps, from the same 320 parameters",
                "This counts 3 · 3 + 1 for each of the 32 maps. But a map looks at all 16 "
                "channels, so its window has 3 · 3 · 16 = 144 weights.",
            ),
        ),
        answer=2,
    ),
    Question(
        id="04-q3",
        section="3 The way back",
        prompt=(
            "A 3×3 kernel slides over a picture of 10×10 pixels, all of them 0.5, with stride 1 "
            "and no padding. The loss is the sum of all outputs. What is its slope with respect "
            "to the weight in the middle of the kernel?"
        ),
        choices=(
            Choice(
                "0.5",
                "This is the share of one place. The same weight is used at 8 · 8 = 64 places, "
                "and the slopes of all these uses add up.",
            ),
            Choice(
                "4.5",
                "This adds up the nine pixels of one window. They belong to nine different "
                "weights; the one in the middle meets a single pixel at each of its 64 places.",
            ),
            Choice(
                "32",
                "Right: the weight is used at 8 · 8 = 64 places, and each adds the pixel under "
                "it, 64 · 0.5 = 32. A shared weight collects the slopes of all its uses.",
            ),
            Choice(
                "50",
                "This lets the weight meet all 100 pixels. Without padding the window fits at "
                "8 · 8 places only, and its middle never stands on the border.",
            ),
        ),
        answer=2,
    ),
    Question(
        id="04-q4",
        section="4 Sizes and sight",
        prompt=(
            "A 5×5 layer with stride 2 and no padding turns pictures of 32×32 pixels into maps of "
            "14×14. You replace its kernel by one of 3×3 with dilation 2. How large are the maps "
            "then, and the square from which an output takes its pixels?"
        ),
        choices=(
            Choice(
                "Maps 14×14, square 5×5",
                "Right: three weights two pixels apart span 2 · (3 − 1) + 1 = 5, so both sizes "
                "are as before. But only 9 of the 25 pixels are looked at, with 9 weights.",
            ),
            Choice(
                "Maps 15×15, square 3×3",
                "These are the sizes without dilation. With it the weights lie two pixels apart, "
                "and three of them span 2 · (3 − 1) + 1 = 5.",
            ),
            Choice(
                "Maps 14×14, square 6×6",
                "This is 3 · 2. But three weights have only two gaps between them, so they span "
                "2 · 2 + 1 = 5 pixels.",
            ),
            Choice(
                "Maps 7×7, square 5×5",
                "This takes the dilation for one more stride of 2. Dilation spreads the weights "
                "within the window; the window still moves by 2 pixels at a time.",
            ),
        ),
        answer=0,
    ),
    Question(
        id="04-q5",
        section="5 What sharing buys",
        prompt=(
            "A net slides 3×3 kernels with stride 1, then a global max pool takes the largest "
            "value of each map. A small bright blob, far from the border of a black picture, "
            "moves by three pixels. What happens to the maps and the pooled values?"
        ),
        choices=(
            Choice(
                "Neither changes: shared weights do not notice where something is",
                "The maps do notice: a large value stands where the kernel fits. Sharing makes "
                "them move with the blob, and only the pool forgets the place.",
            ),
            Choice(
                "Both change, unless the net was trained on shifted pictures",
                "Training teaches what a net's structure does not give. Here the structure is "
                "enough: it holds for any weights, even for random ones.",
            ),
            Choice(
                "The maps move along, and so the pooled values change",
                "A map that moves keeps its values, so the largest of them as well. A maximum "
                "over all places does not ask for the place.",
            ),
            Choice(
                "The maps move along, but the pooled values stay",
                "Right: a map that moves with the picture is equivariant, a value that stays is "
                "invariant. The kernels give the first, the global pool makes it the second.",
            ),
        ),
        answer=3,
    ),
)
