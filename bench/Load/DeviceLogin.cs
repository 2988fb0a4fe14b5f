namespace IotPlatform.Bench.Load;

/// <summary>How devices log in.</summary>
internal enum DeviceLogin
{
    /// <summary>With the secrets that they got when they were registered, before anything is measured.</summary>
    Registered,

    /// <summary>As devices that register themselves: the first login of each makes its registration durable.</summary>
    Open,
}
