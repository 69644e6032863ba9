"""Write a text model down as an ONNX graph that a small runtime computes without torch.

The graph holds no weights: they are inputs, named as they are published, and whoever runs it hands them over, mapped
from the safetensors that lie there already; as constants they would be copied. It takes texts of one length, so that
there is neither padding nor a mask, and gives unit vectors. Imports onnx: import it where it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from models.encoders.bert_shape import alibi_slopes

if TYPE_CHECKING:
    from models.encoders.bert_shape import BertShape

OPERATORS = 20
"""The set of operators in which Gelu came (ONNX 1.15)."""
FILE_FORMAT = 9
INPUT, OUTPUT = "tokens", "vectors"


def text_graph(shape: BertShape, *, pooling: Literal["cls", "mean"]) -> bytes:
    """Return the graph from `tokens`, int64 [b, t], to `vectors`, float32 [b, width], unit rows."""
    graph = _Graph(shape)
    pooled = graph.pooled(graph.hidden(), pooling)
    graph.node("LpNormalization", pooled, axis=1, p=2, into=OUTPUT)
    made = helper.make_graph(
        graph.nodes,
        "text",
        graph.inputs,
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["b", shape.width])],
        graph.tensors,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPERATORS)], ir_version=FILE_FORMAT)
    return bytes(model.SerializeToString())


class _Graph:
    """The nodes and tensors written so far; every method returns the name of what it computes."""

    def __init__(self, shape: BertShape) -> None:
        self.shape = shape
        self.nodes: list[Any] = []
        self.tensors: list[Any] = []
        self.inputs: list[Any] = [helper.make_tensor_value_info(INPUT, TensorProto.INT64, ["b", "t"])]
        self._shapes = shape.weights()
        self._size = self.node("Shape", INPUT)
        self._places = self.node(
            "Range", self.number(0), self.node("Gather", self._size, self.number(1)), self.number(1)
        )
        self._split = self._laid_out(self._size, [shape.heads, shape.width // shape.heads])
        self._joined = self._laid_out(self._size, [shape.width])

    def _laid_out(self, size: str, rest: list[int]) -> str:
        return self.node("Concat", size, self.constant(np.array(rest, np.int64)), axis=0)

    def node(self, kind: str, *inputs: str, into: str = "", **attributes: Any) -> str:
        name = into or f"{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, value: Any) -> str:
        name = f"constant {len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def number(self, value: int) -> str:
        return self.constant(np.int64(value))

    def weight(self, name: str) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, self._shapes[name]))
        return name

    def rows(self, name: str, which: str) -> str:
        """Look rows up in a table of weights."""
        return self.node("Gather", self.weight(name), which)

    def norm(self, x: str, name: str) -> str:
        weights = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.node("LayerNormalization", x, *weights, axis=-1, epsilon=self.shape.epsilon)

    def linear(self, x: str, name: str) -> str:
        bias = [self.weight(f"{name}.bias")] if f"{name}.bias" in self._shapes else []
        return self.node("Gemm", x, self.weight(f"{name}.weight"), *bias, transB=1)

    def hidden(self) -> str:
        """Compute the last hidden states, float32 [b * t, width]: a linear map need not know where texts end."""
        x = self._embedded()
        bias = self._distances() if self.shape.alibi else ""
        for layer in range(self.shape.layers):
            name = f"encoder.layer.{layer}"
            mixed = self.linear(self._attended(x, f"{name}.attention.self", bias), f"{name}.attention.output.dense")
            x = self.norm(self.node("Add", mixed, x), f"{name}.attention.output.LayerNorm")
            x = self._gated(x, f"{name}.mlp") if self.shape.alibi else self._fed_forward(x, name)
        return x

    def _embedded(self) -> str:
        x = self.rows("embeddings.word_embeddings.weight", INPUT)
        if not self.shape.alibi:
            places = self.node("Add", self._places, self.number(self.shape.first_position))
            x = self.node("Add", x, self.rows("embeddings.position_embeddings.weight", places))
        x = self.node("Add", x, self.rows("embeddings.token_type_embeddings.weight", self.number(0)))
        flat = self.node("Reshape", x, self.constant(np.array([-1, self.shape.width], np.int64)))
        return self.norm(flat, "embeddings.LayerNorm")

    def _distances(self) -> str:
        """Compute what each head subtracts for the distance of two tokens [heads, t, t]."""
        places = self.node("Cast", self._places, to=TensorProto.FLOAT)
        column = self.node("Unsqueeze", places, self.constant(np.array([1], np.int64)))
        distance = self.node("Abs", self.node("Sub", column, places))
        slopes = -np.array(alibi_slopes(self.shape.heads), np.float32).reshape(-1, 1, 1)
        return self.node("Mul", distance, self.constant(slopes))

    def _attended(self, x: str, name: str, bias: str) -> str:
        """Compute multi-head self-attention [b * t, width]."""
        query, key, value = (
            self.node("Transpose", self.node("Reshape", self.linear(x, f"{name}.{part}"), self._split), perm=order)
            for part, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3]))
        )  # [b, heads, t, width / heads], the keys turned
        scale = self.constant(np.float32((self.shape.width // self.shape.heads) ** -0.5))
        scores = self.node("Mul", self.node("MatMul", query, key), scale)
        odds = self.node("Softmax", self.node("Add", scores, bias) if bias else scores, axis=-1)
        mixed = self.node("Transpose", self.node("MatMul", odds, value), perm=[0, 2, 1, 3])
        return self.node("Reshape", mixed, self.constant(np.array([-1, self.shape.width], np.int64)))

    def _fed_forward(self, x: str, name: str) -> str:
        inner = self.node("Gelu", self.linear(x, f"{name}.intermediate.dense"))
        return self.norm(self.node("Add", self.linear(inner, f"{name}.output.dense"), x), f"{name}.output.LayerNorm")

    def _gated(self, x: str, name: str) -> str:
        both = self.linear(x, f"{name}.gated_layers")
        self.nodes.append(helper.make_node("Split", [both], [f"{both} gate", f"{both} opened"], axis=-1, num_outputs=2))
        inner = self.node("Mul", self.node("Gelu", f"{both} gate"), f"{both} opened")
        return self.norm(self.node("Add", self.linear(inner, f"{name}.wo"), x), f"{name}.layernorm")

    def pooled(self, hidden: str, pooling: Literal["cls", "mean"]) -> str:
        """Compute the vector of each text [b, width] before it is made of unit length."""
        texts = self.node("Reshape", hidden, self._joined)
        if pooling == "cls":
            return self.node("Gather", texts, self.number(0), axis=1)
        return self.node("ReduceMean", texts, self.constant(np.array([1], np.int64)), keepdims=0)
