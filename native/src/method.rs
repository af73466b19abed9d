//! The methods that the native server knows, by their paths.

/// A call's method, as far as it matters here.
#[derive(Clone, Debug, PartialEq)]
pub enum Method {
    Infer,
    StreamInfer,
    Live,
    Ready,
    ModelReady,
    Check,
    Watch,
    Other(String),
}

impl Method {
    pub fn of(path: &str) -> Self {
        match path {
            "/inference.GRPCInferenceService/ModelInfer" => Self::Infer,
            "/inference.GRPCInferenceService/ModelStreamInfer" => Self::StreamInfer,
            "/inference.GRPCInferenceService/ServerLive" => Self::Live,
            "/inference.GRPCInferenceService/ServerReady" => Self::Ready,
            "/inference.GRPCInferenceService/ModelReady" => Self::ModelReady,
            "/grpc.health.v1.Health/Check" => Self::Check,
            "/grpc.health.v1.Health/Watch" => Self::Watch,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The last part of the path of a method that is answered natively.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Infer => "ModelInfer",
            Self::StreamInfer => "ModelStreamInfer",
            Self::Live => "ServerLive",
            Self::Ready => "ServerReady",
            Self::ModelReady => "ModelReady",
            Self::Check => "Check",
            Self::Watch => "Watch",
            Self::Other(_) => "",
        }
    }

    pub fn path(&self) -> &str {
        match self {
            Self::Infer => "/inference.GRPCInferenceService/ModelInfer",
            Self::StreamInfer => "/inference.GRPCInferenceService/ModelStreamInfer",
            Self::Live => "/inference.GRPCInferenceService/ServerLive",
            Self::Ready => "/inference.GRPCInferenceService/ServerReady",
            Self::ModelReady => "/inference.GRPCInferenceService/ModelReady",
            Self::Check => "/grpc.health.v1.Health/Check",
            Self::Watch => "/grpc.health.v1.Health/Watch",
            Self::Other(path) => path,
        }
    }

    /// Whether many messages come on one call, each with a reply.
    pub fn streams(&self) -> bool {
        matches!(self, Self::StreamInfer) || self.path().ends_with("/ServerReflectionInfo")
    }
}
