"""What every end-to-end run needs: processes, Ferric, the emulated BMC, images, the stock client."""
