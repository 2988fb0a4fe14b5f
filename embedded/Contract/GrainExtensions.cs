using IotPlatform.Embedded;

namespace Orleans;

/// <summary>The key of a grain or of a reference to one.</summary>
public static class GrainExtensions
{
    /// <summary>The string key of the grain.</summary>
    public static string GetPrimaryKeyString(this IAddressable grain) => grain switch
    {
        GrainReference reference => reference.Key,
        IGrainBase { GrainContext: Activation activation } => activation.Key,
        _ => throw new ArgumentException("Neither a grain nor a reference to one.", nameof(grain)),
    };
}
