//! The typed, named inputs and outputs of a model, from the JSON that its metadata carries (docs/artifact.md).

use ort_sys::ONNXTensorElementDataType as Element;
use serde_json::Value;

/// One element type: its word on the wire, ONNX Runtime's number, and its bytes (0 for text).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kind {
    pub wire: &'static str,
    pub element: Element,
    pub size: usize,
    pub is_datetime: bool,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        let (wire, element, size) = match name {
            "float64" => ("FP64", Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE, 8),
            "float32" => ("FP32", Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, 4),
            "float16" => ("FP16", Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16, 2),
            "int64" | "datetime64" => ("INT64", Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, 8),
            "int32" => ("INT32", Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, 4),
            "int16" => ("INT16", Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16, 2),
            "int8" => ("INT8", Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8, 1),
            "uint64" => ("UINT64", Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64, 8),
            "uint32" => ("UINT32", Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32, 4),
            "uint16" => ("UINT16", Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16, 2),
            "uint8" => ("UINT8", Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8, 1),
            "bool" => ("BOOL", Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL, 1),
            "string" => ("BYTES", Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, 0),
            _ => return None,
        };
        Some(Self { wire, element, size, is_datetime: name == "datetime64" })
    }

    pub fn is_text(&self) -> bool {
        self.size == 0
    }
}

pub struct Column {
    pub name: String,
    pub kind: Kind,
    /// Without the rows; None where a dimension is free.
    pub sizes: Vec<Option<i64>>,
    pub nullable: bool,
    pub finite: bool,
}

pub struct Schema {
    pub inputs: Vec<Column>,
    pub outputs: Vec<Column>,
}

impl Schema {
    /// None for anything that a vajra-onnx schema is not; the caller has read it before, so it says no more.
    pub fn from_json(text: &str) -> Option<Self> {
        let json: Value = serde_json::from_str(text).ok()?;
        Some(Self { inputs: columns(&json["inputs"])?, outputs: columns(&json["outputs"])? })
    }
}

fn columns(json: &Value) -> Option<Vec<Column>> {
    json.as_array()?.iter().map(column).collect()
}

fn column(json: &Value) -> Option<Column> {
    let shape: Vec<Option<i64>> = match &json["shape"] {
        Value::Null => vec![None, Some(1)],
        sizes => sizes.as_array()?.iter().map(Value::as_i64).collect(),
    };
    Some(Column {
        name: json["name"].as_str()?.to_owned(),
        kind: Kind::of(json["dtype"].as_str()?)?,
        sizes: shape.get(1..).unwrap_or(&[]).to_vec(),
        nullable: json["nullable"].as_bool().unwrap_or(false),
        finite: json["finite"].as_bool().unwrap_or(false),
    })
}
