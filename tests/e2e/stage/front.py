"""One address for several API processes: each connection goes to the next of them that is there."""

import asyncio
import itertools
import threading
import urllib.parse

from .processes import free_port


class Front:
    """A balancer of TCP connections."""

    def __init__(self):
        self.port = free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        self.loop = asyncio.new_event_loop()
        self.backends = None
        self.count = 0

    def serve(self, endpoints):
        """Begins to send connections to `endpoints` by turns."""
        self.backends = itertools.cycle([urllib.parse.urlsplit(endpoint) for endpoint in endpoints])
        self.count = len(endpoints)
        listening = threading.Event()
        threading.Thread(target=self.run, args=(listening,), daemon=True).start()
        listening.wait()

    def run(self, listening):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(asyncio.start_server(self.connected, '127.0.0.1', self.port))
        listening.set()
        self.loop.run_forever()

    async def connected(self, reader, writer):
        for backend in itertools.islice(self.backends, self.count):
            try:
                far_reader, far_writer = await asyncio.open_connection(backend.hostname, backend.port)
                break
            except OSError:
                continue
        else:
            writer.close()
            return
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))


async def pump(reader, writer):
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
