namespace IotPlatform.Engine.Tests;

/// <summary>An application's own failure, without anything that serializes it.</summary>
public sealed class DeviceFaultException(string message) : Exception(message);
