"""`Words`: the functions beside this file as methods of a tensor."""

from __future__ import annotations

from pellucid.tensor.conversions import Conversions
from pellucid.tensor.words import choices, elements, layout, matrices, questions, totals, writing


class Words(Conversions):
    """What can be done with a tensor by name. Abstract: `Tensor` is what people hold."""

    __slots__ = ()

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
    sign = elements.sign
    nan_to_num = elements.nan_to_num
    maximum = elements.maximum
    minimum = elements.minimum
    lerp = elements.lerp
    addcmul = elements.addcmul
    addcdiv = elements.addcdiv

    prod = totals.prod
    cumsum = totals.cumsum
    norm = totals.norm
    logsumexp = totals.logsumexp

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
    unbind = layout.unbind
    flip = layout.flip
    roll = layout.roll
    tril = layout.tril
    triu = layout.triu

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
