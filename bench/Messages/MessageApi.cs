namespace IotPlatform.Bench.Messages;

/// <summary>The ways to send a message to a device.</summary>
internal enum MessageApi
{
    /// <summary><c>SendDeviceMessages</c>: a gRPC stream.</summary>
    Stream,

    /// <summary><c>SendDeviceMessage</c>: a gRPC call a message.</summary>
    Unary,

    /// <summary>The same as REST.</summary>
    Rest,
}
