using System.Collections.Frozen;
using System.Collections.Immutable;
using Orleans;

namespace IotPlatform.Embedded;

/// <summary>
/// The proof that nothing a call carries can be changed by one side under the other's eyes. A cluster copies what is mutable; this
/// engine copies nothing, and so refuses contracts that a copy would behave differently for.
/// </summary>
internal static class ImmutableTypes
{
    private static readonly FrozenSet<Type> Atoms = new[]
    {
        typeof(string), typeof(decimal), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly), typeof(TimeOnly),
        typeof(Uri), typeof(Version), typeof(CancellationToken), typeof(Int128), typeof(UInt128),
    }.ToFrozenSet();

    private static readonly FrozenSet<Type> Containers = new[]
    {
        typeof(Nullable<>), typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableHashSet<>), typeof(ImmutableDictionary<,>),
        typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>), typeof(KeyValuePair<,>),
    }.ToFrozenSet();

    /// <exception cref="ArgumentException">The type can be changed after it is made.</exception>
    public static void Require(Type type, string where)
    {
        if (!IsImmutable(type))
        {
            throw new ArgumentException($"{where}: {type} may be changed after it is made. Use a sealed record marked [Immutable], or an immutable collection.");
        }
    }

    public static bool IsImmutable(Type type) =>
        type.IsPrimitive
        || type.IsEnum
        || Atoms.Contains(type)
        || type.IsDefined(typeof(ImmutableAttribute), inherit: false)
        || (type.IsInterface && typeof(IAddressable).IsAssignableFrom(type))
        || (type.IsGenericType && Containers.Contains(type.GetGenericTypeDefinition()) && type.GetGenericArguments().All(IsImmutable));
}
