namespace IotPlatform.Devices;

/// <summary>A delivery did not leave this process, because one before it to the same gateway failed.</summary>
internal sealed class NotTriedException(Exception cause) : Exception("A call to the gateway before this one failed.", cause);
