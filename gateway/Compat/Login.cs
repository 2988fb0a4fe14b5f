using IotPlatform.Devices;

namespace IotPlatform.Compat;

/// <summary>Who a CONNECT says it is, and how that is to be judged.</summary>
/// <param name="Device">The device.</param>
/// <param name="Credential">Judged by the device's grain.</param>
/// <param name="HasFreeTopics">Whether it may use topics beyond its own branches.</param>
internal sealed record Login(DeviceId Device, DeviceCredential Credential, bool HasFreeTopics);
