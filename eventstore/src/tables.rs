//! Every table and column, and what it is: the one place that erasure, verification and a person's data download read.
