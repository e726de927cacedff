//! Between HTTP and the handlers: who asks, what was posted, what is answered.

pub mod answer;
pub mod cookies;
pub mod form;
pub mod in_work;
pub mod language;
pub mod target;
pub mod trace;
pub mod trusted;
pub mod visit;

pub use answer::Reply;
pub use form::PostedForm;
pub use visit::Visit;
