//! The binary: starts the runtime and hands over to the command line.
//!
//! Knows: nothing. Must not know: anything.

use lxca_conform::cli::{self, Exit};

/// A run makes and frees many small things on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Exit {
    // The runtime panics where it can't have its own descriptors.
    if let Err(error) = cli::room_for_a_runtime() {
        return cli::cannot_start(&error);
    }
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(cli::main()),
        // Without threads or sockets there is nothing that this tool could do.
        Err(error) => cli::cannot_start(&error),
    }
}
