using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans;

namespace IotPlatform.Unit.Tests.Contracts;

/// <summary>The rules of what crosses a grain call, so that both engines treat it alike and the wire can evolve.</summary>
internal static class GrainContract
{
    private static readonly HashSet<Type> Atoms =
    [
        typeof(string), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(ReadOnlyMemory<byte>), typeof(CancellationToken),
    ];

    private static readonly HashSet<Type> Containers = [typeof(Nullable<>), typeof(ImmutableArray<>)];

    /// <summary>What is wrong with the contracts among these types; empty when nothing is.</summary>
    public static string[] FaultsOf(IEnumerable<Type> types)
    {
        Type[] all = [.. types.Where(static type => !type.IsDefined(typeof(CompilerGeneratedAttribute)))];
        Type[] interfaces = [.. all.Where(IsContract)];
        Type[] messages = [.. all.Where(IsMessage)];
        Type[] exceptions = [.. all.Where(typeof(Exception).IsAssignableFrom)];
        return
        [
            .. interfaces.SelectMany(FaultsOfInterface),
            .. messages.SelectMany(FaultsOfMessage),
            .. exceptions.SelectMany(FaultsOfException),
            .. FaultsOfAliases([.. interfaces, .. messages, .. exceptions]),
        ];
    }

    private static bool IsContract(Type type) => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type);

    // A static class only holds rules; everything else among contracts is there to be sent.
    private static bool IsMessage(Type type) => !type.IsInterface && !typeof(Exception).IsAssignableFrom(type) && !(type.IsAbstract && type.IsSealed) && !typeof(Attribute).IsAssignableFrom(type);

    private static IEnumerable<string> FaultsOfInterface(Type type)
    {
        if (AliasOf(type) is null)
        {
            yield return $"{type.Name} has no [Alias].";
        }

        MethodInfo[] methods = [.. type.GetMethods().Where(static m => m.IsAbstract && !m.IsStatic)];
        foreach (var method in methods)
        {
            foreach (var fault in FaultsOfMethod(method))
            {
                yield return $"{type.Name}.{method.Name}{fault}";
            }
        }

        foreach (var twice in methods.Select(AliasOf).OfType<string>().GroupBy(static alias => alias).Where(static group => group.Count() > 1))
        {
            yield return $"{type.Name} has two methods with the alias '{twice.Key}'.";
        }
    }

    private static IEnumerable<string> FaultsOfMethod(MethodInfo method)
    {
        if (AliasOf(method) is null)
        {
            yield return " has no [Alias].";
        }

        foreach (var parameter in method.GetParameters().Where(static p => !IsAllowed(p.ParameterType)))
        {
            yield return $"({parameter.Name}) is a {parameter.ParameterType.Name}.";
        }

        var result = method.ReturnType;
        if (result != typeof(Task) && !(result.IsGenericType && result.GetGenericTypeDefinition() == typeof(Task<>) && IsAllowed(result.GenericTypeArguments[0])))
        {
            yield return $" answers with a {result}.";
        }
    }

    // What it says is in its base class, which both engines know how to carry.
    private static IEnumerable<string> FaultsOfException(Type type)
    {
        if (!type.IsSealed || !type.IsDefined(typeof(GenerateSerializerAttribute)))
        {
            yield return $"{type.Name} is no sealed exception with [GenerateSerializer].";
        }

        if (AliasOf(type) is null)
        {
            yield return $"{type.Name} has no [Alias].";
        }

        const BindingFlags OwnInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        MemberInfo[] own =
            [.. type.GetProperties(OwnInstance), .. type.GetFields(OwnInstance).Where(static f => !f.Name.EndsWith("k__BackingField", StringComparison.Ordinal))];
        foreach (var member in own)
        {
            yield return $"{type.Name}.{member.Name} would not travel.";
        }
    }

    private static IEnumerable<string> FaultsOfMessage(Type type)
    {
        var faults = new List<string>();
        Require(type.IsDefined(typeof(GenerateSerializerAttribute)), "has no [GenerateSerializer]");
        Require(AliasOf(type) is not null, "has no [Alias]");
        if (!type.IsEnum)
        {
            Require(type.IsDefined(typeof(ImmutableAttribute)), "has no [Immutable]");
            Require(IsRecord(type), "is no sealed record and no readonly record struct");
            faults.AddRange(FaultsOfMembers(type));
        }

        return faults.Select(fault => $"{type.Name} {fault}.");

        void Require(bool isRight, string fault)
        {
            if (!isRight)
            {
                faults.Add(fault);
            }
        }
    }

    private static IEnumerable<string> FaultsOfMembers(Type type)
    {
        const BindingFlags OwnInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var fields = type.GetFields(OwnInstance).Where(static f => f.Name[0] != '<');
        foreach (var field in fields)
        {
            yield return $"has the field {field.Name}";
        }

        PropertyInfo[] sent = [.. type.GetProperties(OwnInstance).Where(p => type.GetField($"<{p.Name}>k__BackingField", OwnInstance) is not null)];
        foreach (var property in sent)
        {
            if (property.GetCustomAttribute<IdAttribute>() is null)
            {
                yield return $"has no [Id] on {property.Name}";
            }

            if (property.SetMethod is { } set && !set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)))
            {
                yield return $"lets {property.Name} be set";
            }

            if (!IsAllowed(property.PropertyType))
            {
                yield return $"holds {property.Name}, a {property.PropertyType.Name}";
            }
        }

        foreach (var twice in sent.Select(static p => p.GetCustomAttribute<IdAttribute>()?.Id).OfType<uint>().GroupBy(static id => id).Where(static g => g.Count() > 1))
        {
            yield return $"has [Id({twice.Key})] twice";
        }
    }

    private static IEnumerable<string> FaultsOfAliases(IEnumerable<Type> types) =>
        types.GroupBy(AliasOf)
            .Where(static group => group.Key is not null && group.Count() > 1)
            .Select(static group => $"The alias '{group.Key}' belongs to {string.Join(" and ", group.Select(static t => t.Name))}.");

    private static bool IsAllowed(Type type) =>
        type.IsPrimitive
        || type.IsEnum
        || type.IsGenericParameter
        || Atoms.Contains(type)
        || IsContract(type)
        || (type.IsGenericType && Containers.Contains(type.GetGenericTypeDefinition()) && type.GenericTypeArguments.All(IsAllowed))
        || (type.IsDefined(typeof(GenerateSerializerAttribute)) && (!type.IsGenericType || type.GenericTypeArguments.All(IsAllowed)));

    // The compiler gives every record a PrintMembers of its own.
    private static bool IsRecord(Type type) =>
        type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic) is not null
        && (type.IsValueType ? type.IsDefined(typeof(IsReadOnlyAttribute)) : type.IsSealed);

    private static string? AliasOf(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>()?.Alias;
}
