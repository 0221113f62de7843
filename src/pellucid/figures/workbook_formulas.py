"""Activations and losses as spreadsheet formulas, with their derivatives.

In a formula {z} is a neuron's weighted sum, {a} what it passes on, {t} the truth, {row} all sums of
the row, and every setting stands under its PyTorch name. Kinds that are not here are refused by
`step_facts`, with the reason.
"""

from __future__ import annotations

ROOT = "SQRT(2/PI())"  # in the tanh form of GELU
CURVE = f"TANH({ROOT}*({{z}}+0.044715*{{z}}^3))"
SOFT = "TANH(LN(1+EXP({z})))"  # in Mish
SHARE = "(1/(1+EXP(-{z})))"
SCALE, ALPHA = "1.0507009873554805", "1.6732632423543772"  # SELU's constants

# Of each activation: its value, and how it grows with z.
ACTIVATIONS: dict[str, tuple[str, str]] = {
    "identity": ("{z}", "1"),
    "relu": ("MAX(0,{z})", "IF({z}>0,1,0)"),
    "sigmoid": ("1/(1+EXP(-{z}))", "{a}*(1-{a})"),
    "tanh": ("TANH({z})", "(1-{a}^2)"),
    "leaky_relu": ("IF({z}>0,{z},{negative_slope}*{z})", "IF({z}>0,1,{negative_slope})"),
    "elu": ("IF({z}>0,{z},{alpha}*(EXP({z})-1))", "IF({z}>0,1,{alpha}*EXP({z}))"),
    "selu": (
        f"{SCALE}*IF({{z}}>0,{{z}},{ALPHA}*(EXP({{z}})-1))",
        f"{SCALE}*IF({{z}}>0,1,{ALPHA}*EXP({{z}}))",
    ),
    "gelu": (
        "{z}*NORMSDIST({z})",
        "(NORMSDIST({z})+{z}*EXP(-1*{z}*{z}/2)/SQRT(2*PI()))",
    ),
    "gelu_tanh": (
        f"0.5*{{z}}*(1+{CURVE})",
        f"(0.5*(1+{CURVE})+0.5*{{z}}*(1-{CURVE}^2)*{ROOT}*(1+0.134145*{{z}}^2))",
    ),
    "silu": ("{z}/(1+EXP(-{z}))", f"({SHARE}*(1+{{z}}*(1-{SHARE})))"),
    "mish": (f"{{z}}*{SOFT}", f"({SOFT}+{{z}}*(1-{SOFT}^2)*{SHARE})"),
    "softplus": (
        "IF({beta}*{z}>{threshold},{z},LN(1+EXP({beta}*{z}))/{beta})",
        "IF({beta}*{z}>{threshold},1,1/(1+EXP(-1*{beta}*{z})))",
    ),
    "softmax": ("EXP({z}-MAX({row}))/SUMPRODUCT(EXP({row}-MAX({row})))", ""),
}
SETTINGS = {  # of activations, with PyTorch's defaults
    "leaky_relu": {"negative_slope": 0.01},
    "elu": {"alpha": 1.0},
    "softplus": {"beta": 1.0, "threshold": 20.0},
}

GAP = "({a}-{t})"
# Of each loss: what it is called, a row's loss, and how that grows with {a} (with z where the loss
# reads z itself). {neuron} is the output's place, from 0.
LOSSES: dict[str, tuple[str, str, str]] = {
    "bce_with_logits": (
        "binary cross-entropy",
        "MAX({z},0)-{z}*{t}+LN(1+EXP(-ABS({z})))",
        GAP,
    ),
    "cross_entropy": (
        "cross-entropy",
        "MAX({row})+LN(SUMPRODUCT(EXP({row}-MAX({row}))))-INDEX({row},1,{t}+1)",
        "({a}-IF({t}={neuron},1,0))",
    ),
    "bce": (
        "binary cross-entropy",
        "-IF({t}=1,LN({a}),IF({t}=0,LN(1-{a}),{t}*LN({a})+(1-{t})*LN(1-{a})))",
        f"{GAP}/({{a}}*(1-{{a}}))",
    ),
    "mse": ("mean squared error", f"{GAP}^2", f"2*{GAP}"),
    "l1": ("mean absolute error", f"ABS{GAP}", f"SIGN{GAP}"),
    "huber": (
        "Huber loss",
        f"IF(ABS{GAP}<={{delta}},0.5*{GAP}^2,{{delta}}*(ABS{GAP}-{{delta}}/2))",
        f"IF(ABS{GAP}<={{delta}},{GAP},{{delta}}*SIGN{GAP})",
    ),
    "smooth_l1": (
        "smooth L1 loss",
        f"IF(ABS{GAP}<{{beta}},0.5*{GAP}^2/{{beta}},ABS{GAP}-{{beta}}/2)",
        f"IF(ABS{GAP}<{{beta}},{GAP}/{{beta}},SIGN{GAP})",
    ),
    "poisson_nll": ("Poisson loss", "EXP({a})-{t}*{a}", "(EXP({a})-{t})"),
}
READS_SUMS = ("bce_with_logits", "cross_entropy")  # whose derivative is by z, not by a
