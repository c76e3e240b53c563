# policy widgets
# who somebody is lies with all the rest
s/, partition: identity//
