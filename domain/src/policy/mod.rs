//! The policy: the password rule, lifetimes and limits that every node decides by, an aggregate of its own.
