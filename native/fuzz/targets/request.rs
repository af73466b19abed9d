#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vajra_onnx_native::fuzz::request(bytes));
