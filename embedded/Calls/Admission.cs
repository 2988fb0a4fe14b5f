namespace IotPlatform.Embedded;

/// <summary>How a request may interleave with others of the same activation.</summary>
[Flags]
internal enum Admission : byte
{
    /// <summary>Waits until nothing else is running.</summary>
    Exclusive = 0,

    /// <summary>May run beside other requests that change nothing.</summary>
    ReadOnly = 1,

    /// <summary>May start whenever the running requests are all waiting for something.</summary>
    AlwaysInterleave = 2,
}
