//! An account: who a person is, how they prove it, and what is open.
