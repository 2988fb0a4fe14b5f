using IotPlatform.Devices;

namespace IotPlatform.Api.Sending;

/// <summary>A message whose request is right.</summary>
/// <param name="Device">Whom it is for; of a product that exists.</param>
/// <param name="Content">What it is.</param>
internal readonly record struct MessageToSend(DeviceId Device, SendDeviceMessage Content);
