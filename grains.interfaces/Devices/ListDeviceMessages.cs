
namespace IotPlatform.Devices;

/// <summary>Asks for a page of a device's messages, newest first.</summary>
/// <param name="Status">Only those, or all.</param>
/// <param name="PageSize">At most so many.</param>
/// <param name="BeforeSequence">Only older ones than that; null for the first page.</param>
[GenerateSerializer, Immutable, Alias("iot.list-device-messages")]
public sealed record ListDeviceMessages(
    [property: Id(0)] MessageStatus? Status, [property: Id(1)] int PageSize, [property: Id(2)] long? BeforeSequence);
