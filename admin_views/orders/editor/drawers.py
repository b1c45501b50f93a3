"""What opens over the editor to choose something."""

from collections.abc import Mapping

from admin_views.orders.editor.drawer import Drawer

DRAWERS: Mapping[str, Drawer] = {}
"""Drawers by name: `open:<name>` is the button that opens one."""
