"""Where Ferric differs from the recorded answers on purpose; the reasons are in crates/api/README.md, in more words."""

import re

# Name of the recorded line, where in the answer, why.
ACCEPTED = [
    ('driver fake', r'body\.enabled_(boot|deploy|raid|rescue|storage)_interfaces', 'only what works can be chosen'),
    ('(create|patch) bad interface', r'body\.error_message\.faultstring', 'only what works can be chosen'),
    ('redfish node (dead bmc|missing info|hung bmc)', r'body\.boot_interface', 'virtual media, which need no DHCP, are the default'),
    ('redfish validate missing info', r'body\.(boot|deploy)\.reason', 'virtual media, which need no DHCP, are the default'),
    ('inventory none', r'body\.error_message\.faultstring', 'nodes have no number'),
    ('dead node (state|history)', r'body\.(last_error|history\[0\]\.event)', 'errors say what to try next'),
    ('history (empty|after failure|detail|at 1.78)', r'body\.history', 'a change of the boot mode that failed is told'),
]


def reason(row):
    """Why a difference is accepted; None if it is not."""
    for name, path, why in ACCEPTED:
        if re.fullmatch(name, row['name']) and re.match(path, row['path']):
            return why
    return None
