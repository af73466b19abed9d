//! The kernel as ONNX Runtime's custom operators, by its C API: one for float32 and one for float64, in a domain of ours.
//!
//! Python's onnxruntime finds them through `RegisterCustomOps`, the native server through `domain`.

use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::null_mut;
use std::slice;
use std::sync::{LazyLock, Mutex};

use ort_sys::{
    ONNXTensorElementDataType as Element, OrtApi, OrtApiBase, OrtCustomOp, OrtCustomOpDomain,
    OrtCustomOpInputOutputCharacteristic, OrtErrorCode, OrtKernelContext, OrtKernelInfo, OrtMemType, OrtSessionOptions,
    OrtStatusPtr,
};

use super::kernel::Kernel;
use super::number::Number;
use crate::runtime::API_VERSION;

pub const DOMAIN: &CStr = c"vajra_onnx.kernels";
/// The attribute that holds the serialized NodeProto which the operator stands for.
pub const NODE: &CStr = c"node";
/// Rows that one thread takes at a time.
const SHARE: usize = 256;

/// A type of numbers that there is an operator for.
pub trait Operand: Number {
    const NAME: &CStr;
    const ELEMENT: Element;
    const OPERATOR: &OrtCustomOp;
}

impl Operand for f32 {
    const NAME: &CStr = c"FloatTrees";
    const ELEMENT: Element = Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
    const OPERATOR: &OrtCustomOp = &operator::<f32>();
}

impl Operand for f64 {
    const NAME: &CStr = c"DoubleTrees";
    const ELEMENT: Element = Element::ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE;
    const OPERATOR: &OrtCustomOp = &operator::<f64>();
}

const fn operator<V: Operand>() -> OrtCustomOp {
    OrtCustomOp {
        version: API_VERSION,
        CreateKernel: None,
        GetName: Some(name::<V>),
        GetExecutionProviderType: Some(provider),
        GetInputType: Some(element::<V>),
        GetInputTypeCount: Some(one),
        GetOutputType: Some(element::<V>),
        GetOutputTypeCount: Some(one),
        KernelCompute: None,
        KernelDestroy: Some(destroy::<V>),
        GetInputCharacteristic: Some(required),
        GetOutputCharacteristic: Some(required),
        GetInputMemoryType: Some(memory),
        GetVariadicInputMinArity: Some(arity),
        GetVariadicInputHomogeneity: Some(arity),
        GetVariadicOutputMinArity: Some(arity),
        GetVariadicOutputHomogeneity: Some(arity),
        CreateKernelV2: Some(create::<V>),
        KernelComputeV2: Some(compute::<V>),
        InferOutputShapeFn: None,
        GetStartVersion: Some(version),
        GetEndVersion: Some(version),
    }
}

unsafe extern "system" fn name<V: Operand>(_: *const OrtCustomOp) -> *const c_char {
    V::NAME.as_ptr()
}

unsafe extern "system" fn provider(_: *const OrtCustomOp) -> *const c_char {
    c"CPUExecutionProvider".as_ptr()
}

unsafe extern "system" fn element<V: Operand>(_: *const OrtCustomOp, _: usize) -> Element {
    V::ELEMENT
}

unsafe extern "system" fn one(_: *const OrtCustomOp) -> usize {
    1
}

unsafe extern "system" fn required(_: *const OrtCustomOp, _: usize) -> OrtCustomOpInputOutputCharacteristic {
    OrtCustomOpInputOutputCharacteristic::INPUT_OUTPUT_REQUIRED
}

unsafe extern "system" fn memory(_: *const OrtCustomOp, _: usize) -> OrtMemType {
    OrtMemType::OrtMemTypeDefault
}

unsafe extern "system" fn arity(_: *const OrtCustomOp) -> c_int {
    1
}

unsafe extern "system" fn version(_: *const OrtCustomOp) -> c_int {
    1
}

/// What ONNX Runtime holds for each node.
struct Held<V: Number> {
    api: &'static OrtApi,
    kernel: Kernel<V>,
}

unsafe extern "system" fn create<V: Operand>(
    _: *const OrtCustomOp,
    api: *const OrtApi,
    info: *const OrtKernelInfo,
    held: *mut *mut c_void,
) -> OrtStatusPtr {
    // SAFETY: ONNX Runtime's API outlives its kernels; the buffer is as long as it has said; `held` is where the kernel goes.
    unsafe {
        let (api, mut length) = (&*api, 0);
        let asked = (api.KernelInfoGetAttribute_string)(info, NODE.as_ptr(), null_mut(), &mut length);
        if !asked.0.is_null() {
            return asked;
        }
        let mut node = vec![0u8; length];
        let read = (api.KernelInfoGetAttribute_string)(info, NODE.as_ptr(), node.as_mut_ptr().cast(), &mut length);
        if !read.0.is_null() {
            return read;
        }
        node.pop(); // the zero at the end
        match Kernel::<V>::parse(&node) {
            Ok(kernel) => {
                *held = Box::into_raw(Box::new(Held { api, kernel })).cast();
                OrtStatusPtr(null_mut())
            }
            Err(_) => failure(api, "trees that the kernel does not take"),
        }
    }
}

unsafe extern "system" fn destroy<V: Operand>(held: *mut c_void) {
    // SAFETY: `create` has made it, and ONNX Runtime lets go of it once.
    drop(unsafe { Box::from_raw(held.cast::<Held<V>>()) });
}

unsafe extern "system" fn compute<V: Operand>(held: *mut c_void, context: *mut OrtKernelContext) -> OrtStatusPtr {
    // SAFETY: `create` has made `held`, and nothing changes it afterwards.
    let held = unsafe { &*held.cast::<Held<V>>() };
    match held.run(context) {
        Ok(()) => OrtStatusPtr(null_mut()),
        Err(status) => status,
    }
}

/// What each thread takes its share of.
struct Work<'a, V: Number> {
    kernel: &'a Kernel<V>,
    rows: &'a [V],
    width: usize,
    sums: *mut V,
}

impl<V: Operand> Held<V> {
    fn run(&self, context: *mut OrtKernelContext) -> Result<(), OrtStatusPtr> {
        let api = self.api;
        let check = |status: OrtStatusPtr| if status.0.is_null() { Ok(()) } else { Err(status) };
        // SAFETY: the context is that of this run; tensors of type V have as many numbers as their sizes say, the output its own.
        unsafe {
            let (mut input, mut output) = (std::ptr::null(), null_mut());
            check((api.KernelContext_GetInput)(context, 0, &mut input))?;
            let sizes = self.sizes(input)?;
            let (count, width) = match sizes[..] {
                [width] => (1, width),
                [count, width] => (count, width),
                _ => return Err(failure(api, "trees: expected rows of features, [N, F]")),
            };
            if width < self.kernel.width().max(1) {
                let expected = self.kernel.width();
                return Err(failure(api, &format!("trees: expected rows of at least {expected} features, got {width}")));
            }
            let (mut data, mut sums) = (null_mut(), null_mut());
            check((api.GetTensorMutableData)(input.cast_mut(), &mut data))?;
            let shape = [count as i64, self.kernel.n_targets() as i64];
            check((api.KernelContext_GetOutput)(context, 0, shape.as_ptr(), shape.len(), &mut output))?;
            check((api.GetTensorMutableData)(output, &mut sums))?;
            if count == 0 {
                return Ok(());
            }
            let rows = slice::from_raw_parts(data.cast::<V>(), count * width);
            let mut work = Work { kernel: &self.kernel, rows, width, sums: sums.cast::<V>() };
            if count <= SHARE {
                share::<V>((&raw mut work).cast(), 0);
                return Ok(());
            }
            check((api.KernelContext_ParallelFor)(context, share::<V>, count.div_ceil(SHARE), 0, (&raw mut work).cast()))
        }
    }

    /// # Safety
    /// `value` is a tensor.
    unsafe fn sizes(&self, value: *const ort_sys::OrtValue) -> Result<Vec<usize>, OrtStatusPtr> {
        let (api, mut info, mut count) = (self.api, null_mut(), 0);
        let check = |status: OrtStatusPtr| if status.0.is_null() { Ok(()) } else { Err(status) };
        // SAFETY: what is allocated here is released here.
        unsafe {
            check((api.GetTensorTypeAndShape)(value, &mut info))?;
            let mut found = check((api.GetDimensionsCount)(info, &mut count));
            let mut sizes = vec![0i64; count];
            if found.is_ok() {
                found = check((api.GetDimensions)(info, sizes.as_mut_ptr(), count));
            }
            (api.ReleaseTensorTypeAndShapeInfo)(info);
            found.map(|()| sizes.into_iter().map(|size| size as usize).collect())
        }
    }
}

unsafe extern "C" fn share<V: Operand>(work: *mut c_void, index: usize) {
    // SAFETY: `run` has made the work and waits for it; the shares of the sums do not overlap; the vectors are there.
    unsafe {
        let work = &*work.cast::<Work<V>>();
        let rows = work.rows.chunks(SHARE * work.width).nth(index).unwrap_or_default();
        let targets = work.kernel.n_targets();
        let sums = slice::from_raw_parts_mut(work.sums.add(index * SHARE * targets), rows.len() / work.width * targets);
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            return run_wide(work.kernel, rows, work.width, sums);
        }
        work.kernel.run(rows, work.width, sums);
    }
}

/// The same, compiled for wider vectors.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn run_wide<V: Number>(kernel: &Kernel<V>, rows: &[V], width: usize, sums: &mut [V]) {
    kernel.run(rows, width, sums);
}

fn failure(api: &OrtApi, message: &str) -> OrtStatusPtr {
    let text = CString::new(message).unwrap_or_default();
    // SAFETY: the text is copied.
    unsafe { (api.CreateStatus)(OrtErrorCode::ORT_INVALID_ARGUMENT, text.as_ptr()) }
}

/// The domain with both operators, one for each ONNX Runtime of the process; sessions use it for as long as they live.
///
/// # Errors
/// ONNX Runtime's own status, which the caller owns.
pub fn domain(api: &'static OrtApi) -> Result<*mut OrtCustomOpDomain, OrtStatusPtr> {
    static DOMAINS: LazyLock<Mutex<HashMap<usize, usize>>> = LazyLock::new(Mutex::default);
    let mut domains = DOMAINS.lock().unwrap_or_else(|e| e.into_inner());
    let key = std::ptr::from_ref(api).addr();
    if let Some(&known) = domains.get(&key) {
        return Ok(known as *mut OrtCustomOpDomain);
    }
    let check = |status: OrtStatusPtr| if status.0.is_null() { Ok(()) } else { Err(status) };
    let mut made = null_mut();
    // SAFETY: the operators are constants, and the domain is never released.
    unsafe {
        check((api.CreateCustomOpDomain)(DOMAIN.as_ptr(), &mut made))?;
        check((api.CustomOpDomain_Add)(made, f32::OPERATOR))?;
        check((api.CustomOpDomain_Add)(made, f64::OPERATOR))?;
    }
    domains.insert(key, made as usize);
    Ok(made)
}

/// What `SessionOptions.register_custom_ops_library` of onnxruntime calls.
///
/// # Safety
/// ONNX Runtime calls it with its own options and its own API.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn RegisterCustomOps(options: *mut OrtSessionOptions, base: *const OrtApiBase) -> OrtStatusPtr {
    // SAFETY: ONNX Runtime lives as long as the process does.
    unsafe {
        let Some(api) = ((*base).GetApi)(API_VERSION).as_ref() else {
            return OrtStatusPtr(null_mut()); // too old: the operators stay unknown, and the session cannot be made
        };
        match domain(api) {
            Ok(domain) => (api.AddCustomOpDomain)(options, domain),
            Err(status) => status,
        }
    }
}
