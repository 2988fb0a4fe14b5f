using IotPlatform.Devices;

namespace IotPlatform.Storage;

/// <summary>Which row of the messages.</summary>
internal readonly record struct MessageKey(DeviceId Device, string MessageId);
