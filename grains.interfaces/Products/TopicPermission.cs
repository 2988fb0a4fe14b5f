namespace IotPlatform.Products;

/// <summary>Topics that the devices of a product may use beyond their own branches.</summary>
/// <param name="Filter">
/// A topic filter, in which <c>${productKey}</c> and <c>${deviceName}</c> stand for the device's own. A device may publish to the topics that it matches, and
/// subscribe to filters that match nothing else.
/// </param>
/// <param name="Access">What for.</param>
[GenerateSerializer, Immutable, Alias("iot.topic-permission")]
public sealed record TopicPermission([property: Id(0)] string Filter, [property: Id(1)] TopicAccess Access);
