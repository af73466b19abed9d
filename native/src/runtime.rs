//! ONNX Runtime through its C API: the very library that Python's onnxruntime brings, loaded by its path.

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{null, null_mut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use ort_sys::{
    GraphOptimizationLevel, ONNXTensorElementDataType as Element, OrtAllocator, OrtAllocatorType, OrtApi, OrtApiBase, OrtEnv,
    OrtLoggingLevel, OrtMemType, OrtMemoryInfo, OrtSession, OrtStatusPtr, OrtValue,
};

use crate::schema::{Kind, Schema};
use crate::trees::{operator, rewrite::rewrite};

/// The oldest version of the C API that has all that is called here.
pub const API_VERSION: u32 = 17;

/// What ONNX Runtime says; the reference runs the request again and says it in its own words.
pub type Failure = String;

/// The library, its environment and its allocator.
pub struct Runtime {
    api: &'static OrtApi,
    environment: *mut OrtEnv,
    memory: *mut OrtMemoryInfo,
    allocator: *mut OrtAllocator,
    /// Whether sessions take their memory from one arena with a limit.
    limited: AtomicBool,
}

// SAFETY: ONNX Runtime's environment, memory information and default allocator may be used from any thread.
unsafe impl Send for Runtime {}
unsafe impl Sync for Runtime {}

impl Runtime {
    pub fn load(path: &str) -> Result<Arc<Self>, Failure> {
        // SAFETY: the path is that of an onnxruntime library; it is never unloaded, so its functions stay valid.
        unsafe {
            let library = Box::leak(Box::new(libloading::Library::new(path).map_err(|e| e.to_string())?));
            let base: libloading::Symbol<unsafe extern "system" fn() -> *const OrtApiBase> =
                library.get(b"OrtGetApiBase").map_err(|e| e.to_string())?;
            let api = ((*base()).GetApi)(API_VERSION).as_ref().ok_or("this onnxruntime is too old")?;
            let (mut environment, mut memory, mut allocator) = (null_mut(), null_mut(), null_mut());
            let silent = OrtLoggingLevel::ORT_LOGGING_LEVEL_FATAL;
            check(api, (api.CreateEnv)(silent, c"vajra-onnx".as_ptr(), &mut environment))?;
            check(api, (api.DisableTelemetryEvents)(environment))?;
            let (arena, default) = (OrtAllocatorType::OrtArenaAllocator, OrtMemType::OrtMemTypeDefault);
            check(api, (api.CreateCpuMemoryInfo)(arena, default, &mut memory))?;
            check(api, (api.GetAllocatorWithDefaultOptions)(&mut allocator))?;
            Ok(Arc::new(Self { api, environment, memory, allocator, limited: AtomicBool::new(false) }))
        }
    }

    /// One arena of at most this size for the executions of all sessions that are made from now on, as
    /// vajra_onnx/runtime/onnxruntime.py has it for Python's.
    pub fn limit_memory(&self, bytes: usize) -> Result<(), Failure> {
        let (api, mut arena) = (self.api, null_mut());
        // SAFETY: the arena's description is released once; ONNX Runtime copies it.
        unsafe {
            self.check((api.CreateArenaCfg)(bytes, 1, -1, -1, &mut arena))?;
            let made = self.check((api.CreateAndRegisterAllocator)(self.environment, self.memory, arena));
            (api.ReleaseArenaCfg)(arena);
            made?;
        }
        self.limited.store(true, Relaxed);
        Ok(())
    }

    fn check(&self, status: OrtStatusPtr) -> Result<(), Failure> {
        check(self.api, status)
    }
}

fn check(api: &OrtApi, status: OrtStatusPtr) -> Result<(), Failure> {
    if status.0.is_null() {
        return Ok(());
    }
    // SAFETY: the status is not null, is read before it is released, and is released once.
    unsafe {
        let message = CStr::from_ptr((api.GetErrorMessage)(status.0)).to_string_lossy().into_owned();
        (api.ReleaseStatus)(status.0);
        Err(message)
    }
}

/// A tensor that ONNX Runtime knows; released when it goes.
pub struct Tensor {
    runtime: Arc<Runtime>,
    value: *mut OrtValue,
}

impl Tensor {
    /// A tensor over numbers that lie elsewhere.
    ///
    /// # Safety
    /// `data` must outlive the tensor, hold what `sizes` promise, and be aligned for `kind`.
    pub unsafe fn over(runtime: &Arc<Runtime>, kind: Kind, sizes: &[i64], data: &[u8]) -> Result<Self, Failure> {
        let mut value = null_mut();
        let pointer = data.as_ptr().cast_mut().cast::<c_void>();
        // SAFETY: the caller's promise; ONNX Runtime does not write to inputs.
        runtime.check(unsafe {
            (runtime.api.CreateTensorWithDataAsOrtValue)(
                runtime.memory,
                pointer,
                data.len(),
                sizes.as_ptr(),
                sizes.len(),
                kind.element,
                &mut value,
            )
        })?;
        Ok(Self { runtime: runtime.clone(), value })
    }

    /// A tensor of texts, which ONNX Runtime copies.
    pub fn of_texts(runtime: &Arc<Runtime>, sizes: &[i64], texts: &[*const c_char]) -> Result<Self, Failure> {
        let mut value = null_mut();
        let element = Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING;
        // SAFETY: all pointers are valid for the calls, and every text ends with a zero.
        unsafe {
            let api = runtime.api;
            runtime.check((api.CreateTensorAsOrtValue)(runtime.allocator, sizes.as_ptr(), sizes.len(), element, &mut value))?;
            let tensor = Self { runtime: runtime.clone(), value };
            runtime.check((api.FillStringTensor)(value, texts.as_ptr(), texts.len()))?;
            Ok(tensor)
        }
    }

    pub fn sizes(&self) -> Result<Vec<i64>, Failure> {
        let api = self.runtime.api;
        // SAFETY: the value is a tensor; what is allocated here is released here.
        unsafe {
            let (mut info, mut count) = (null_mut(), 0);
            self.runtime.check((api.GetTensorTypeAndShape)(self.value, &mut info))?;
            let mut found = self.runtime.check((api.GetDimensionsCount)(info, &mut count));
            let mut sizes = vec![0i64; count];
            if found.is_ok() {
                found = self.runtime.check((api.GetDimensions)(info, sizes.as_mut_ptr(), count));
            }
            (api.ReleaseTensorTypeAndShapeInfo)(info);
            found.map(|()| sizes)
        }
    }

    /// The bytes of a tensor of numbers.
    pub fn bytes(&self, length: usize) -> Result<&[u8], Failure> {
        let mut data = null_mut();
        // SAFETY: the value is a tensor of numbers with `length` bytes, as its sizes and its kind say.
        unsafe {
            self.runtime.check((self.runtime.api.GetTensorMutableData)(self.value, &mut data))?;
            Ok(if length == 0 { &[] } else { std::slice::from_raw_parts(data.cast(), length) })
        }
    }

    /// The texts of a tensor of text: all bytes, and where each of `count` begins.
    pub fn texts(&self, count: usize) -> Result<(Vec<u8>, Vec<usize>), Failure> {
        let (api, mut length) = (self.runtime.api, 0);
        // SAFETY: both buffers have the lengths that are passed with them.
        unsafe {
            self.runtime.check((api.GetStringTensorDataLength)(self.value, &mut length))?;
            let (mut bytes, mut starts) = (vec![0u8; length], vec![0usize; count]);
            let pointer = bytes.as_mut_ptr().cast();
            self.runtime.check((api.GetStringTensorContent)(self.value, pointer, length, starts.as_mut_ptr(), count))?;
            starts.push(length);
            Ok((bytes, starts))
        }
    }
}

impl Drop for Tensor {
    fn drop(&mut self) {
        // SAFETY: the value is released once.
        unsafe { (self.runtime.api.ReleaseValue)(self.value) }
    }
}

/// A model that runs, its inputs and outputs in the order of its schema.
pub struct Session {
    pub runtime: Arc<Runtime>,
    session: *mut OrtSession,
    inputs: Vec<CString>,
    outputs: Vec<CString>,
}

// SAFETY: `Run` may be called from many threads at once.
unsafe impl Send for Session {}
unsafe impl Sync for Session {}

impl Session {
    /// A session whose tree ensembles are operators of ours, where there are any that the kernel takes.
    ///
    /// folder: where external data lies.
    pub fn new(
        runtime: Arc<Runtime>,
        model: &[u8],
        schema: &Schema,
        threads: i32,
        folder: Option<&str>,
    ) -> Result<Self, Failure> {
        let made = rewrite(model).map(|model| Self::open(runtime.clone(), &model, schema, threads, folder));
        made.and_then(Result::ok).map_or_else(|| Self::open(runtime, model, schema, threads, folder), Ok)
    }

    /// Every option is that of vajra_onnx/runtime/onnxruntime.py.
    fn open(runtime: Arc<Runtime>, model: &[u8], schema: &Schema, threads: i32, folder: Option<&str>) -> Result<Self, Failure> {
        let names = |columns: &[crate::schema::Column]| -> Result<Vec<CString>, Failure> {
            columns.iter().map(|c| CString::new(c.name.as_str()).map_err(|e| e.to_string())).collect()
        };
        let (inputs, outputs) = (names(&schema.inputs)?, names(&schema.outputs)?);
        let folder = folder.map(CString::new).transpose().map_err(|e| e.to_string())?;
        let (api, mut options, mut session) = (runtime.api, null_mut(), null_mut());
        // SAFETY: options live until they are released below; the model's bytes are only read during the call.
        let made = unsafe {
            runtime.check((api.CreateSessionOptions)(&mut options))?;
            let mut configure = || {
                let all = GraphOptimizationLevel::ORT_ENABLE_ALL;
                let entry =
                    |key: &CStr, value: &CStr| runtime.check((api.AddSessionConfigEntry)(options, key.as_ptr(), value.as_ptr()));
                runtime.check((api.SetIntraOpNumThreads)(options, threads))?;
                runtime.check((api.SetInterOpNumThreads)(options, 1))?;
                runtime.check((api.SetSessionLogSeverityLevel)(options, 4))?;
                runtime.check((api.SetSessionGraphOptimizationLevel)(options, all))?;
                entry(c"session.load_model_format", c"ONNX")?;
                if runtime.limited.load(Relaxed) {
                    entry(c"session.use_env_allocators", c"1")?;
                }
                runtime.check(operator::domain(api).map_or_else(|status| status, |d| (api.AddCustomOpDomain)(options, d)))?;
                if let Some(folder) = &folder {
                    entry(c"session.model_external_initializers_file_folder_path", folder)?;
                }
                let (data, length) = (model.as_ptr().cast(), model.len());
                runtime.check((api.CreateSessionFromArray)(runtime.environment, data, length, options, &mut session))
            };
            let made = configure();
            (api.ReleaseSessionOptions)(options);
            made
        };
        made.map(|()| Self { runtime, session, inputs, outputs })
    }

    /// The outputs of these indices. inputs: one for each of the schema, in its order.
    pub fn run(&self, inputs: &[Tensor], wanted: &[u16]) -> Result<Vec<Tensor>, Failure> {
        let input_names: Vec<*const c_char> = self.inputs.iter().map(|n| n.as_ptr()).collect();
        let values: Vec<*const OrtValue> = inputs.iter().map(|t| t.value.cast_const()).collect();
        let output_names: Vec<*const c_char> = wanted.iter().map(|&i| self.outputs[usize::from(i)].as_ptr()).collect();
        let mut answers: Vec<*mut OrtValue> = vec![null_mut(); wanted.len()];
        // SAFETY: every array has the length that is passed with it; what ONNX Runtime returns is owned from here on.
        let ran = self.runtime.check(unsafe {
            (self.runtime.api.Run)(
                self.session,
                null(),
                input_names.as_ptr(),
                values.as_ptr(),
                values.len(),
                output_names.as_ptr(),
                output_names.len(),
                answers.as_mut_ptr(),
            )
        });
        let owned = answers.into_iter().filter(|v| !v.is_null()).map(|value| Tensor { runtime: self.runtime.clone(), value });
        let tensors: Vec<Tensor> = owned.collect();
        ran.map(|()| tensors)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // SAFETY: the session is released once, and nothing runs on it: whoever runs it holds the model.
        unsafe { (self.runtime.api.ReleaseSession)(self.session) }
    }
}
