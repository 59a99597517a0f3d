"""Images of a run and the web server that hands them out."""

import functools
import hashlib
import random
import struct
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

# Random bytes: the fake agent reads the boot image's kernel line and runs nothing.
FILES = {'kernel': 256 << 10, 'ramdisk': 512 << 10, 'bootx64.efi': 128 << 10, 'disk.img': 4 << 20}
# What a boot loader begins with: the headers of a PE image for x86-64.
BEGINNINGS = {'bootx64.efi': b'MZ' + bytes(58) + struct.pack('<I', 64) + b'PE\0\0' + struct.pack('<H', 0x8664)}


class ImageServer:
    """Serves generated files from a directory and notes what was asked for."""

    def __init__(self, directory):
        directory.mkdir()
        for seed, (name, size) in enumerate(FILES.items()):
            content = BEGINNINGS.get(name, b'') + random.Random(seed).randbytes(size)
            (directory / name).write_bytes(content)
        self.directory = directory
        self.requests = []
        handler = functools.partial(NotingHandler, self.requests, directory=str(directory))
        self.server = ThreadingHTTPServer(('127.0.0.1', 0), handler)
        self.url = f'http://127.0.0.1:{self.server.server_port}'

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def url_of(self, name):
        return f'{self.url}/{name}'

    def sha256_of(self, name):
        return hashlib.sha256((self.directory / name).read_bytes()).hexdigest()

    def asked_for(self, name):
        return any(path == f'/{name}' for _, path in self.requests)

    def boot_settings(self):
        """Ferric's configuration for booting the ramdisk."""
        return {'BOOT__KERNEL': self.url_of('kernel'), 'BOOT__RAMDISK': self.url_of('ramdisk'),
                'BOOT__BOOTLOADER': self.url_of('bootx64.efi')}


class NotingHandler(SimpleHTTPRequestHandler):
    def __init__(self, requests, *arguments, **options):
        self.requests = requests
        super().__init__(*arguments, **options)

    def copyfile(self, source, outputfile):
        """Who only looks at the beginning hangs up."""
        try:
            super().copyfile(source, outputfile)
        except ConnectionError:
            self.close_connection = True

    def log_request(self, *_):
        self.requests.append((self.command, self.path))

    def log_message(self, *_):
        pass
