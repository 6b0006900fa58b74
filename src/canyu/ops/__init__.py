"""What people run: the Django project and its rooms (``people``, ``insight``), over the engines below."""
