"""kbook: the library behind the course, to be read in an evening.

losses        softmax, sigmoid, the cross-entropies and their hand-derived gradients (numpy)
autograd      Value and Tensor, the engines of chapter 2: reverse-mode differentiation
data          digits, folders, rendered animals and roads, CIFAR-10, fruit, horses, Udacity; batches
models        nets alone: convolutional, residual, CycleGAN's generators and critics, PilotNet
training      fit and evaluate: the loop of chapter 3 with checkpoints; a fast one; CycleGAN's
driving       a car on a rendered road: its motion, an expert, the drive, the score
recipes       the fast recipes of chapter 5, each in one piece
gradcheck     compare two results; gradients by central differences
metrics       how alike pictures are: SSIM; FID and KID from the features of any net
profile       quick or full; device, seed, threads; the one printed line
errors        errors that a notebook shows as one sentence
files         write a file whole or not at all
figures       show a figure together with its alternative text
plots         curves and small pictures on a given axis
recorded      save and show what a recorded run measured
assets        nets saved for the page, and the package's other data
exercises     checks, reference solutions, and the typical wrong answers that must fail
quizzes       questions with an explanation for every choice
widgets       interactive figures: a Python class each, all mathematics and drawing in js/
cli           the authors' commands, ``python -m kbook …``
"""

__version__ = "0.1.0"
