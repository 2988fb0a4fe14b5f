namespace IotPlatform.Devices;

/// <summary>How a request to a device has ended.</summary>
[GenerateSerializer, Alias("iot.invocation-outcome")]
public enum InvocationOutcome
{
    /// <summary>The device has answered.</summary>
    Success = 1,

    /// <summary>It has not, in time.</summary>
    Timeout = 2,

    /// <summary>It was not connected, or its connection ended before it answered.</summary>
    Offline = 3,
}
