using Orleans;

namespace IotPlatform.Embedded;

/// <summary>What is done with an argument on its way into a call.</summary>
internal static class Arguments
{
    /// <summary>
    /// Makes an argument the call's own: bare memory is copied, because its owner may go on writing to it; an object is refused where a reference belongs.
    /// </summary>
    /// <exception cref="ArgumentException">It is an object where a reference to one belongs.</exception>
    public static T Own<T>(T argument)
    {
        if (typeof(T) == typeof(ReadOnlyMemory<byte>))
        {
            return (T)(object)(ReadOnlyMemory<byte>)((ReadOnlyMemory<byte>)(object)argument!).ToArray();
        }

        return argument is IAddressable and not (GrainReference or ObserverReference)
            ? throw new ArgumentException($"{typeof(T).Name} must be a reference, made by {nameof(IGrainFactory)}.")
            : argument;
    }

    public static bool NeedsOwning(Type type) => type == typeof(ReadOnlyMemory<byte>) || typeof(IAddressable).IsAssignableFrom(type);

    public static void SetToken<T>(ref T argument, CancellationToken token)
    {
        // Decided when the code is compiled for T: no other type costs anything.
        if (typeof(T) == typeof(CancellationToken))
        {
            argument = (T)(object)token;
        }
    }
}
