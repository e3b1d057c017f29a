/* A target needs a source; libFuzzer itself comes with the compiler. */
