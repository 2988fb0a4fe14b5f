using System.Collections.Concurrent;
using System.Reflection;
using Orleans;

namespace IotPlatform.Embedded;

/// <summary>
/// What the engine knows of a grain or observer interface: its methods, and the class of its references. A pure function of the
/// type, hence shared by all engines of the process.
/// </summary>
internal sealed class InterfaceContract
{
    private static readonly ConcurrentDictionary<Type, Lazy<InterfaceContract>> Known = new();

    private readonly Func<object, object> _newReference;

    private InterfaceContract(Type type)
    {
        Check(type);
        Type = type;
        var methods = MethodsOf(type);
        Methods = [.. methods.Select(MethodContract.Create)];
        _newReference = ReferenceEmitter.Emit(type, methods, typeof(IGrainObserver).IsAssignableFrom(type) ? typeof(ObserverReference) : typeof(GrainReference));
    }

    public Type Type { get; }

    public MethodContract[] Methods { get; }

    /// <exception cref="ArgumentException">The interface breaks a rule of grain contracts; the message says which.</exception>
    public static InterfaceContract Of(Type type) => Known.GetOrAdd(type, static t => new Lazy<InterfaceContract>(() => new InterfaceContract(t))).Value;

    public object NewReference() => _newReference(this);

    private static MethodInfo[] MethodsOf(Type type) => [.. type.GetInterfaces().Append(type).SelectMany(t => t.GetMethods()).Where(m => m.IsAbstract && !m.IsStatic)];

    private static void Check(Type type)
    {
        if (!type.IsInterface || !type.IsVisible)
        {
            throw new ArgumentException($"{type} must be a public interface.");
        }

        foreach (var method in MethodsOf(type))
        {
            CheckMethod(method);
        }
    }

    private static void CheckMethod(MethodInfo method)
    {
        var name = $"{method.DeclaringType!.Name}.{method.Name}";
        var result = method.ReturnType;
        var returnsTaskOfT = result.IsGenericType && result.GetGenericTypeDefinition() == typeof(Task<>);
        if (method.IsGenericMethod || (result != typeof(Task) && !returnsTaskOfT))
        {
            throw new ArgumentException($"{name} must return Task or Task<T> and have no type parameters.");
        }

        var parameters = method.GetParameters();
        if (parameters.Length > MethodContract.ParametersMax)
        {
            throw new ArgumentException($"{name} has more than {MethodContract.ParametersMax} parameters; give it one message instead.");
        }

        foreach (var parameter in parameters)
        {
            if (!Arguments.NeedsOwning(parameter.ParameterType))
            {
                ImmutableTypes.Require(parameter.ParameterType, $"{name}, parameter {parameter.Name}");
            }
        }

        if (returnsTaskOfT)
        {
            ImmutableTypes.Require(result.GetGenericArguments()[0], $"{name}, result");
        }
    }
}
