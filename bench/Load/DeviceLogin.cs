namespace IotPlatform.Bench.Load;

/// <summary>How devices log in.</summary>
internal enum DeviceLogin
{
    /// <summary>With the secrets that they got when they were registered, before anything is measured.</summary>
    Secret,

    /// <summary>With what they signed with those secrets, as LinkKit's devices do.</summary>
    Signed,

    /// <summary>As devices that register themselves: the first login of each makes its registration durable.</summary>
    Open,
}
