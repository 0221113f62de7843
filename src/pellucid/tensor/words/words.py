"""`Words`: the functions beside this file as methods of a tensor."""

from __future__ import annotations

from pellucid.tensor.conversions import Conversions
from pellucid.tensor.words import (
    activations,
    arithmetic,
    choices,
    elements,
    extremes,
    layout,
    matrices,
    parts,
    questions,
    shapes,
    totals,
    writing,
)


class Words(Conversions):
    """What can be done with a tensor by name. Abstract: `Tensor` is what people hold."""

    __slots__ = ()

    add = arithmetic.add
    sub = arithmetic.sub
    mul = arithmetic.mul
    div = arithmetic.div
    pow = arithmetic.pow
    neg = arithmetic.neg
    maximum = arithmetic.maximum
    minimum = arithmetic.minimum
    lerp = arithmetic.lerp
    addcmul = arithmetic.addcmul
    addcdiv = arithmetic.addcdiv

    exp = elements.exp
    log = elements.log
    sqrt = elements.sqrt
    abs = elements.abs
    clamp = elements.clamp
    sin = elements.sin
    cos = elements.cos
    tan = elements.tan
    sinh = elements.sinh
    cosh = elements.cosh
    erf = elements.erf
    square = elements.square
    reciprocal = elements.reciprocal
    rsqrt = elements.rsqrt
    expm1 = elements.expm1
    log1p = elements.log1p
    log2 = elements.log2
    log10 = elements.log10
    round = elements.round
    floor = elements.floor
    ceil = elements.ceil
    trunc = elements.trunc
    sign = elements.sign
    nan_to_num = elements.nan_to_num
    clip = elements.clip

    relu = activations.relu
    sigmoid = activations.sigmoid
    tanh = activations.tanh
    softmax = activations.softmax
    log_softmax = activations.log_softmax

    sum = totals.sum
    mean = totals.mean
    var = totals.var
    std = totals.std
    prod = totals.prod
    cumsum = totals.cumsum
    norm = totals.norm
    logsumexp = totals.logsumexp

    amax = extremes.amax
    amin = extremes.amin
    max = extremes.max
    min = extremes.min
    argmax = extremes.argmax
    argmin = extremes.argmin

    gather = choices.gather
    index_select = choices.index_select
    masked_fill = choices.masked_fill
    argsort = choices.argsort
    sort = choices.sort
    topk = choices.topk

    expand = layout.expand
    expand_as = layout.expand_as
    repeat = layout.repeat
    repeat_interleave = layout.repeat_interleave
    flip = layout.flip
    roll = layout.roll
    tril = layout.tril
    triu = layout.triu

    split = parts.split
    chunk = parts.chunk
    unbind = parts.unbind

    reshape = shapes.reshape
    view = shapes.view
    view_as = shapes.view_as
    reshape_as = shapes.reshape_as
    flatten = shapes.flatten
    squeeze = shapes.squeeze
    unsqueeze = shapes.unsqueeze
    permute = shapes.permute
    transpose = shapes.transpose
    t = shapes.t

    any = questions.any
    all = questions.all
    isnan = questions.isnan
    isinf = questions.isinf
    isfinite = questions.isfinite
    logical_not = questions.logical_not
    logical_and = questions.logical_and
    logical_or = questions.logical_or
    logical_xor = questions.logical_xor
    eq = questions.eq
    ne = questions.ne
    lt = questions.lt
    le = questions.le
    gt = questions.gt
    ge = questions.ge
    equal = questions.equal
    isclose = questions.isclose
    allclose = questions.allclose

    matmul = matrices.matmul
    mm = matrices.mm
    mv = matrices.mv
    dot = matrices.dot
    bmm = matrices.bmm
    outer = matrices.outer

    fill_ = writing.fill_
    zero_ = writing.zero_
    masked_fill_ = writing.masked_fill_
    normal_ = writing.normal_
    uniform_ = writing.uniform_
    relu_ = writing.relu_
    sigmoid_ = writing.sigmoid_
    tanh_ = writing.tanh_
    add_ = writing.add_
    addcdiv_ = writing.addcdiv_
    addcmul_ = writing.addcmul_
    div_ = writing.div_
    lerp_ = writing.lerp_
    mul_ = writing.mul_
    neg_ = writing.neg_
    pow_ = writing.pow_
    sub_ = writing.sub_
    abs_ = writing.abs_
    ceil_ = writing.ceil_
    clamp_ = writing.clamp_
    cos_ = writing.cos_
    exp_ = writing.exp_
    floor_ = writing.floor_
    log_ = writing.log_
    nan_to_num_ = writing.nan_to_num_
    reciprocal_ = writing.reciprocal_
    round_ = writing.round_
    rsqrt_ = writing.rsqrt_
    sign_ = writing.sign_
    sin_ = writing.sin_
    sqrt_ = writing.sqrt_
    square_ = writing.square_
    trunc_ = writing.trunc_
    tril_ = writing.tril_
    triu_ = writing.triu_
    clip_ = writing.clip_
