using IotPlatform.Devices;

namespace IotPlatform.Storage.Postgres;

/// <summary>Which row of the messages.</summary>
internal readonly record struct MessageKey(DeviceId Device, string MessageId);
